// Measures the tuning curves and fringes of a device as a lab does, or takes those of a lab's table.
// Reads device or CSV; writes curves.
#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/csv.hpp"
#include "pnn/io/records.hpp"
#include "pnn/model/import.hpp"
#include "pnn/model/summary.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/conditions.hpp"
#include "tools/dry_run.hpp"

namespace {

using namespace pnn;

struct CharacterizeOptions {
  std::string device, import, platform = "mrr", polarity = "auto", output;
  int index = 0;
  bool all = false, dry_run = false;
  study::CharacterizeSettings sweeps;
  study::ConditionSettings conditions;

  void describe(Options& o) {
    o.positional_input("DEVICE", device, "device to measure (pnn-fabricate)").required = false;
    o.integer("index", index, "K", "device of the file, from 0", Limits::non_negative());
    o.flag("all", all, "measure every device of the file");
    tools::describe_dry_run(o, dry_run);
    sweeps.describe(o);
    conditions.describe(o);
    o.group("Import");
    o.input("import", import,
            "table of measured curves: columns element, control (mA), response, and perhaps sigma, "
            "temperature (°C)");
    o.choice(
        "platform", platform, {"mrr", "mzi"},
        "what was measured: rings, or fringes of phase shifters, read at a cross port (bright at phase 0)");
    o.choice("polarity", polarity, {"drop-thru", "thru-drop", "auto"},
             "detector of the imported curves of rings; auto looks where they start");
    o.output(output).required = true;
  }
};

io::CurvesFile import_table(const CharacterizeOptions& options, cli::Context& context) {
  if (options.platform == "mzi" && options.polarity != "auto")
    throw UsageError("--polarity: fringes have none; it is of rings alone");
  const io::Csv csv = io::read_csv(options.import);
  model::CurveTable table{csv.texts("element"), csv.numbers("control"), csv.numbers("response"), {}, {}};
  if (csv.has("sigma")) table.sigma = csv.numbers("sigma");
  if (csv.has("temperature")) table.temperature_c = csv.numbers("temperature");
  context.parent("import", "csv", io::content_hash(options.import), {});

  io::CurvesFile file;
  const double reference_c = options.platform == "mzi" ? file.process.mzi.reference_temperature_c
                                                       : file.process.mrr.reference_temperature_c;
  file.curves = model::import_curves(table, reference_c, options.import);
  if (options.platform == "mzi") return file;
  if (options.polarity != "auto") {
    platform::set_process_value(file.process, "mrr.polarity=" + options.polarity);
    return file;
  }
  const auto polarity = model::detect_polarity(file.curves);
  if (!polarity)
    throw InputError(options.import +
                     ": the curves start at either end; say --polarity drop-thru or thru-drop");
  file.process.mrr.polarity = *polarity;
  return file;
}

/// The devices to measure, with conditions and sweeps set up for them.
io::Read<io::DeviceFile> read_devices(CharacterizeOptions& options, cli::Context& context) {
  io::Read<io::DeviceFile> read = io::read_device(options.device);
  context.parent("device", read.filetype, read.hash, read.header);
  options.sweeps.conditions =
      options.conditions.surroundings(platform::layer_names(read.value.set.plans)).device;
  options.sweeps.impose = true;
  options.sweeps.shifters = read.value.set.process.mzi;
  return read;
}

io::CurvesFile measure(const CharacterizeOptions& options, const io::DeviceFile& file,
                       cli::Context& context) {
  std::vector<model::Curves> devices;
  std::uint64_t calls = 0;
  const std::size_t first = options.all ? 0 : std::size_t(options.index),
                    last = options.all ? file.set.count : first + 1;
  for (std::size_t k = first; k < last; ++k) {
    const std::unique_ptr<device::Device> chip = device::make_virtual_device(file.set, k);
    devices.push_back(study::characterize(*chip, options.sweeps, context.progress()));
    calls += chip->calls();
  }
  context.account("device calls", calls);
  context.report().value("device_calls", std::int64_t(calls));
  return {file.network, file.set.process, study::stack(devices)};
}

void report_cost(const CharacterizeOptions& options, const io::DeviceFile& file, cli::Context& context) {
  const std::unique_ptr<device::Device> chip =
      device::make_virtual_device(file.set, options.all ? 0 : std::size_t(options.index));
  const std::size_t devices = options.all ? file.set.count : 1;
  tools::report_forecast(study::forecast(*chip, options.sweeps, devices, context.progress()), context);
}

void report_curves(const model::Curves& curves, cli::Report& report) {
  report.columns({"chip", "devices", "elements", "temperatures", "points", "standard error", "pairs"});
  for (const model::ChipCurves& chip : curves.chips) {
    const double error = model::median(chip.sigma.data);
    report.row({chip.key, std::to_string(chip.response.dim(0)), std::to_string(chip.elements.size()),
                std::to_string(chip.temperature_c.size()), std::to_string(chip.response.dim(3)),
                error > 0 ? format_short(error, 2) : "unknown", std::to_string(chip.pair_victim.size())});
    report.value(chip.key + " elements", chip.elements);
    report.value(chip.key + " temperatures", chip.temperature_c);
    report.value(chip.key + " standard_error", error);
  }
}

void run(CharacterizeOptions& options, cli::Context& context) {
  if (options.device.empty() == options.import.empty()) {
    throw UsageError("expected a DEVICE to measure or --import FILE.csv, and not both");
  }
  io::CurvesFile curves;
  if (options.import.empty()) {
    const io::Read<io::DeviceFile> devices = read_devices(options, context);
    if (options.dry_run) return report_cost(options, devices.value, context);
    curves = measure(options, devices.value, context);
  } else {
    if (options.dry_run) throw UsageError("--dry-run: an import measures nothing");
    curves = import_table(options, context);
  }
  io::write_curves(options.output, curves, context.provenance());
  report_curves(curves.curves, context.report());
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-characterize",
      "measure the tuning curves or fringes of a device, or import those of a lab",
      "device, or CSV",
      "curves",
      "One ring is driven in equal steps of heater power while its neighbours are parked. Two temperatures "
      "or more "
      "identify the tuning efficiency, --crosstalk adds sweeps of pairs, --direction both lets pnn-fit tell "
      "the "
      "hysteresis. Of a mesh of interferometers one phase shifter after the other is swept over a turn, the "
      "rest without current (the cross state): theta with one input lit, phi with the two that meet at its "
      "interferometer; currents stand for phases by the nominal shifter. A display shows targets (stripes, "
      "crosses) through others "
      "on the modulator, from which pnn-fit --model registration tells where the planes lie. "
      "Responses are kept as measured; a "
      "model's "
      "gain carries their sign.",
      "pnn-characterize chips.h5 --index 0 --temperatures 21,22,23 --crosstalk -o curves.h5"};
  return cli::run_tool<CharacterizeOptions>(argc, argv, info, run);
}
