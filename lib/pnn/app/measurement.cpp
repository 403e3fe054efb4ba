#include "pnn/app/measurement.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "pnn/app/dry_run.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::app {
namespace {

/// What an earlier session left, if there was one.
std::optional<io::CurvesFile> earlier(const std::string& resume, const Provenance& header) {
  if (resume.empty()) return std::nullopt;
  auto before = io::read_curves(resume);
  check_same_work(before.header, header, resume);
  return std::move(before.value);
}

}  // namespace

io::CurvesFile measure(const Measurement& measurement, UnfinishedFile& unfinished, cli::Context& context) {
  const DeviceSource& source = measurement.source;
  const Provenance header = context.provenance();
  const std::optional<io::CurvesFile> before = earlier(unfinished.before(), header);
  if (before && before->unfinished.empty()) {
    context.progress().say("this measurement was finished already");
    return *before;
  }
  io::CurvesFile file{source.network(), source.process(), {}, {}};
  const auto save = [&](const model::ReadingLog& log) {
    file.unfinished = log;
    file.curves.averages = measurement.sweeps.averages;
    file.curves.settle_s = measurement.sweeps.settle_s;
    if (log.empty()) return;
    unfinished.save([&](const std::string& path) { io::write_curves(path, file, header); });
  };
  study::Recorder recorder(before ? before->unfinished : model::ReadingLog{}, save, measurement.save_every_s);
  std::vector<model::Curves> devices;
  try {
    for (const std::size_t number : measurement.devices) {
      const std::unique_ptr<device::Device> chip = source.open(number);
      if (!chip->has_sensor("temperature") && measurement.sweeps.temperatures_c.empty())
        file.notes = {"the device has no sensor of its temperature: taken as " +
                      format_short(study::assumed_temperature_c(*chip, measurement.sweeps), 4) +
                      " °C, the reference of the process"};
      if (measurement.sweeps.lasers.sweep)
        file.spectra = study::characterize_lasers(*chip, measurement.sweeps, context.progress(), recorder);
      else
        devices.push_back(study::characterize(*chip, measurement.sweeps, context.progress(), recorder));
    }
  } catch (const Interrupted&) {
    save(recorder.log());
    unfinished.rethrow(std::current_exception());
  } catch (const RunError&) {
    save(recorder.log());
    unfinished.rethrow(std::current_exception());
  }
  source.account(context);
  context.account("device calls", recorder.calls());
  context.report().value("device_calls", std::int64_t(recorder.calls()));
  for (const std::string& note : file.notes) context.warn(note);
  file.unfinished = {};
  if (!devices.empty()) file.curves = study::stack(devices);
  return file;
}

void report_cost(const Measurement& measurement, cli::Context& context) {
  const std::unique_ptr<device::Device> chip = measurement.source.open(measurement.devices.front());
  report_forecast(context, [&] {
    Forecast f = study::forecast(*chip, measurement.sweeps, measurement.devices.size(), context.progress());
    add_saving(f, measurement.output, f.held_bytes / 2, measurement.save_every_s);
    return f;
  });
}

void report_curves(const model::Curves& curves, cli::Report& report) {
  report.columns({"chip", "devices", "elements", "temperatures", "points", "standard error", "pairs"});
  for (const model::ChipCurves& chip : curves.chips) {
    const double error = study::median(chip.sigma.data);
    report.row({chip.key, std::to_string(chip.response.dim(0)), std::to_string(chip.elements.size()),
                std::to_string(chip.temperature_c.size()), std::to_string(chip.response.dim(3)),
                error > 0 ? format_short(error, 2) : "unknown", std::to_string(chip.pair_victim.size())});
    report.value(chip.key + " elements", chip.elements);
    report.value(chip.key + " temperatures", chip.temperature_c);
    report.value(chip.key + " standard_error", error);
  }
}

}  // namespace pnn::app
