// What do we believe of a chip?
#include "pnn/app/curve_import.hpp"
#include "pnn/app/fit_report.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/fit.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/predicted.hpp"
#include "pnn/study/spectral_fit.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-fit",
    .summary = "fit a model of each element to what was measured",
    .reads = "curves, or for nominal a device or nothing",
    .writes = "model",
    .details = R"(
nominal takes design values and needs no measurement; what the other kinds of model tell is below, by the
platform of the curves. Imported curves go to the elements of the network by their names. Not converging is told, not an error. --predicted writes the curves that a model
expects, to be drawn over those that were measured.
)" + study::said_of_platforms(&study::PlatformLab::how_fitted),
    .example = "pnn-fit curves.h5 --model airy -o model.h5",
    .see_also =
        "pnn-characterize, which measures curves, pnn-train, which trains on the model, scripts/plot "
        "curves for a picture"};

struct FitOptions {
  std::string curves, predicted, output;
  network::NetworkSpec network;
  app::ProcessSettings process;
  study::FitSettings fit;
  std::string element_map;

  void describe(Options& o) {
    o.positional_input(
         "CURVES", curves,
         "curves (pnn-characterize); for nominal also a device file, or none with --inputs and --layer")
        .required = false;
    fit.describe(o);
    app::describe_element_map(o, element_map);
    o.find("element-map")->idle = [this] { return fit.placement.idle(fit.kind == "nominal"); };
    network.describe(o);
    process.describe(o);
    o.text("predicted", predicted, "FILE",
           "also write what the model expects of each measured element, as curves on a fine grid of "
           "controls, for "
           "scripts/plot curves")
        .role = Option::Role::output;
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
    const network::NetworkSpec asked = network::resolve(options.network, file.process).spec;
    if (!file.network.empty() && !(asked == file.network))
      throw UsageError("--inputs, --layer: " + options.curves + " has another network of its own");
    file.network = asked;
  }
  if (file.network.empty() && file.curves.chips.empty() && file.spectra.empty())
    throw UsageError("--model nominal: expected --inputs and --layer, or a file that has a network");
  file.process = options.process.applied_to(file.process);
  if (context.asked("missing")) file.placement.missing = options.fit.placement.missing;
  if (context.asked("repeat-elements")) file.placement.repeat = options.fit.placement.repeat;
  if (options.fit.kind != "nominal" && file.spectra.empty())
    app::place_imported(file, options.element_map, study::lab_of_chip({}, options.fit.kind, {}),
                        options.curves, context);
  return file;
}

void fit_spectra(const FitOptions& options, const io::CurvesFile& input, const network::Resolved& network,
                 cli::Context& context) {
  if (!options.predicted.empty())
    throw UsageError("--predicted: is for curves, and " + options.curves + " has spectra");
  study::ElementMap map;
  if (!options.element_map.empty()) map = app::map_of(options.element_map, context);
  std::vector<std::string> notes;
  const io::ModelFile file{network.spec,
                           study::fit_spectra(input.spectra, options.fit.kind, input.process, network.plans(),
                                              input.placement, map, options.curves, notes)};
  for (const std::string& note : notes) context.warn(note);
  io::write_model(options.output, file, context.provenance());
  app::report_elements(file.model, context.report());
}

void run(FitOptions& options, cli::Context& context) {
  if (!options.predicted.empty() && options.curves.empty())
    throw UsageError("--predicted: expected CURVES that were measured (pnn-characterize)");
  io::CurvesFile input = read_input(options, context);
  options.fit.placement = input.placement;
  network::Resolved network;
  if (!input.network.empty()) {
    network = network::resolve(input.network, input.process);
    options.process.check_effect(network.plans());
  }
  if (input.curves.chips.empty() && context.asked("bad-residual"))
    throw UsageError("--bad-residual: acts on nothing here; no curves are compared with design values");
  if (!input.spectra.empty()) return fit_spectra(options, input, network, context);
  const io::ModelFile file{network.spec, study::fit(input.curves, input.process, network.plans(), options.fit,
                                                    context.progress())};
  const Provenance header = context.provenance();
  if (!options.predicted.empty()) {
    constexpr std::size_t points = 201;
    io::write_curves(options.predicted,
                     {network.spec, input.process, study::predicted_curves(file.model, input.curves, points)},
                     header);
  }
  io::write_model(options.output, file, header);
  app::report_fit(file.model, input.curves, context.report());
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<FitOptions>(argc, argv, about, run);
}
