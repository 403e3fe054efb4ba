// Fits a model of each ring or phase shifter to measured curves, or takes design values for granted
// (nominal). Reads curves, or for nominal a device's public part, or nothing; writes model.
#include "pnn/app/process_settings.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/model/fit.hpp"
#include "pnn/model/hysteresis.hpp"
#include "pnn/model/summary.hpp"

namespace {

using namespace pnn;

struct FitOptions {
  std::string curves, output;
  network::NetworkSpec network;
  app::ProcessSettings process;
  model::FitSettings fit;

  void describe(Options& o) {
    o.positional_input(
         "CURVES", curves,
         "curves (pnn-characterize); for nominal also a device file, or none with --inputs and --layer")
        .required = false;
    fit.describe(o);
    network.describe(o);
    process.describe(o);
    o.output(output).required = true;
  }
};

/// Curves, network and process to fit with: from the file, changed by --set; a network on the command line
/// serves curves that have none.
io::CurvesFile read_input(const FitOptions& options, cli::Context& context) {
  io::CurvesFile file;
  if (options.curves.empty()) {
    if (options.fit.kind != "nominal")
      throw UsageError("--model " + options.fit.kind + ": expected CURVES to fit (pnn-characterize)");
  } else if (options.fit.kind == "nominal" && io::filetype_of(options.curves) == "device") {
    const auto read = io::read_device_public(options.curves);
    context.parent("device", read.filetype, read.hash, read.header);
    file.network = read.value.network, file.process = read.value.process;
  } else {
    auto read = io::read_curves(options.curves);
    if (!read.value.unfinished.empty())
      throw InputError(options.curves +
                       ": a measurement that ended early; finish it with pnn-characterize --resume " +
                       options.curves);
    context.parent("curves", read.filetype, read.hash, read.header);
    file = std::move(read.value);
  }
  if (!options.network.empty()) {
    const network::NetworkSpec asked = app::resolve(options.network, file.process).spec;
    if (!file.network.empty() && !(asked == file.network))
      throw UsageError("--inputs, --layer: " + options.curves + " has another network of its own");
    file.network = asked;
  }
  if (file.network.empty() && file.curves.chips.empty())
    throw UsageError("--model nominal: expected --inputs and --layer, or a file that has a network");
  file.process = options.process.applied_to(file.process);
  return file;
}

void report_chip(const model::ChipModel& chip, cli::Report& report) {
  const model::ChipSummary summary = model::summarise(chip);
  const bool rated = summary.rms_max > 0;
  report.headline(chip.key + ": " + chip.kind + ", " + std::to_string(chip.elements.size()) + " " +
                  summary.element +
                  (rated ? ", rms residual " + format_short(summary.rms_median, 3) + " (median), " +
                               format_short(summary.rms_max, 3) + " (largest)"
                         : ""));
  if (summary.unmeasured > 0) {
    report.headline("  " + std::to_string(summary.unmeasured) + " " + summary.element + " " +
                    summary.unmeasured_because + ": design values taken");
  }
  constexpr std::size_t most_named = 20;
  for (std::size_t k = 0; k < std::min(most_named, summary.bad.size()); ++k)
    report.headline("  " + summary.bad[k]);
  if (summary.bad.size() > most_named)
    report.headline("  and " + std::to_string(summary.bad.size() - most_named) + " more");
  for (const model::ParameterSummary& p : summary.parameters) {
    report.row({chip.key, p.name, p.unit, format_short(p.median, 5),
                p.median_error > 0 ? format_short(p.median_error, 2) : "-"});
  }
  report.value(chip.key + " kind", chip.kind);
  report.value(chip.key + " elements", chip.elements);
  report.value(chip.key + " parameters", chip.parameters);
  report.value(chip.key + " units", chip.units);
  report.value(chip.key + " values", chip.values.data);
  report.value(chip.key + " covariance", chip.covariance.data);
  report.value(chip.key + " rms_residual", chip.rms_residual.data);
  report.value(chip.key + " crosstalk", chip.crosstalk.data);
  report.value(chip.key + " crosstalk_sigma", chip.crosstalk_sigma.data);
  report.value(chip.key + " unmeasured", std::int64_t(summary.unmeasured));
  report.value(chip.key + " bad", summary.bad);
}

void report_hysteresis(const model::ChipCurves& chip, cli::Report& report) {
  const model::Hysteresis h = model::hysteresis(chip);
  if (h.points == 0) return;
  report.headline(chip.key + ": sweeps up and down differ by " + format_short(h.rms, 3) + " (rms)" +
                  (h.noise > 0 ? "; read-out noise alone would give " + format_short(h.noise, 3) : ""));
  report.value(chip.key + " hysteresis", h.rms);
  report.value(chip.key + " hysteresis_of_noise", h.noise);
}

void run(FitOptions& options, cli::Context& context) {
  context.check_output(options.output);
  io::CurvesFile input = read_input(options, context);
  network::Resolved network;
  if (!input.network.empty()) network = app::resolve(input.network, input.process);
  const io::ModelFile file{network.spec, model::fit(input.curves, input.process, network.plans(), options.fit,
                                                    context.progress())};
  io::write_model(options.output, file, context.provenance());
  context.report().columns({"chip", "parameter", "unit", "median", "standard error"});
  for (const model::ChipModel& chip : file.model.chips) report_chip(chip, context.report());
  for (const model::ChipCurves& chip : input.curves.chips) report_hysteresis(chip, context.report());
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-fit",
      "fit a model of each ring, phase shifter or display to what was measured",
      "curves, or for nominal a device or nothing",
      "model",
      "nominal needs no measurement. lorentzian knows P_res and P_hw, the heater powers "
      "at resonance and to half its height; airy is "
      "the ring's formula with gain and offset, which take up the light that parked "
      "neighbours leak; airy+crosstalk "
      "has that light and the heat of neighbours in the model itself and wants curves "
      "at two temperatures or more, besides pair "
      "sweeps; spline asks for no formula. The resistance is taken from the process, "
      "and so is the tuning efficiency unless there are "
      "two temperatures. fringe is for meshes: static phase, power for a phase of pi, "
      "visibility and offset of each shifter; the model then knows the phases, while its "
      "splitters stay as designed. registration is for free space: rotation, magnification, shift, blur and "
      "uneven "
      "gain, from the readings of targets. Not converging is told, not an error.",
      "pnn-fit curves.h5 --model airy -o model.h5"};
  return cli::run_tool<FitOptions>(argc, argv, info, run);
}
