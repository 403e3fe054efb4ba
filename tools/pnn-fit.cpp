// What do we believe of a chip?
#include <algorithm>
#include <filesystem>
#include <map>

#include "pnn/app/curve_import.hpp"
#include "pnn/app/fit_report.hpp"
#include "pnn/app/process_report.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/table_output.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/fit.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/predicted.hpp"
#include "pnn/study/process_fit.hpp"
#include "pnn/study/spectral_fit.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-fit",
    .summary = "fit a model of each element to what was measured",
    .reads = "curves, or for nominal a device, params or nothing",
    .writes = "model, or with --process a configuration",
    .details = R"(
nominal takes design values and needs no measurement; what the other kinds of model tell is below, by the
platform of the curves. Imported curves go to the elements of the network by their names. Not converging is told, not an error.

--process takes many measured dies, as curves or as fitted models, and estimates what made them: of each quantity the
mean, the spread between dies and within them, and the distance over which it varies smoothly, without the errors of
the fits, each with its standard error and the number of dies that 10 % would take (of the spread between dies, within
them, and the length). It writes a configuration for --config of pnn-fabricate, pnn-fit and the like; a training by
--method process then draws its chips from that.

--predicted writes the curves that a model
expects, to be drawn over those that were measured.
)" + study::said_of_platforms(&study::PlatformLab::how_fitted),
    .example = "pnn-fit curves.h5 --model airy -o model.h5",
    .see_also =
        "pnn-characterize, which measures curves, pnn-train, which trains on the model, scripts/plot "
        "curves for a picture"};

struct FitOptions {
  std::vector<std::string> inputs;
  std::string curves, predicted, output, positions;
  bool to_process = false;
  network::NetworkSpec network;
  app::ProcessSettings process;
  study::FitSettings fit;
  std::string element_map;

  void describe(Options& o) {
    o.positional_inputs(
         "CURVES", inputs,
         "curves (pnn-characterize); for nominal also a device file or parameters, or none with --inputs and "
         "--layer; for --process curves or fitted models of many dies")
        .required = false;
    o.flag("process", to_process,
           "estimate the process from all dies of the files, and write it as a configuration for --config")
        .later = true;
    Option& places =
        o.input("positions", positions, "table of the dies' places on the wafer: die, x and y in mm");
    places.later = true;
    places.idle = [this] {
      return to_process ? std::string() : std::string("only --process asks where dies lie on a wafer");
    };
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
  } else if (options.fit.kind == "nominal" && io::filetype_of(options.curves) == "params") {
    const auto read = io::read_params(options.curves);
    context.parent("params", read.filetype, read.hash, read.header);
    file.network = read.value.network, file.process = read.value.process;
  } else {
    auto read = io::read_curves(options.curves);
    if (!read.value.unfinished.empty()) app::refuse_unfinished(options.curves);
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

model::Model model_of_spectra(const FitOptions& options, const io::CurvesFile& input,
                              const network::Resolved& network, cli::Context& context) {
  for (const char* option : {"missing", "repeat-elements", "element-map"})
    if (input.network.empty() && context.asked(option))
      throw UsageError(
          std::string("--") + option +
          ": acts on nothing here; name the network whose elements the spectra are of (--inputs and "
          "--layer)");
  study::ElementMap map;
  if (!options.element_map.empty()) map = app::map_of(options.element_map, context);
  std::vector<std::string> notes;
  model::Model model = study::fit_spectra({input.spectra, input.heaters, options.fit, options.curves},
                                          input.process, network.plans(), map, notes);
  for (const std::string& note : notes) context.warn(note);
  return model;
}

void fit_spectra(const FitOptions& options, const io::CurvesFile& input, const network::Resolved& network,
                 cli::Context& context) {
  if (!options.predicted.empty())
    throw UsageError("--predicted: is for curves, and " + options.curves + " has spectra");
  const io::ModelFile file{network.spec, model_of_spectra(options, input, network, context)};
  io::write_model(options.output, file, context.provenance());
  app::report_elements(file.model, context.report());
}

/// The name of a file's dies: the file's own without folder and ending, or its path where two files have the
/// same.
std::vector<std::string> names_of(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) names.push_back(std::filesystem::path(path).stem().string());
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() ? names : paths;
}

/// Estimates a process from many files; curves among them are fitted first.
void run_process(FitOptions& options, cli::Context& context) {
  if (options.inputs.empty())
    throw UsageError("--process: expected curves (pnn-characterize) or models (pnn-fit) of two dies or more");
  if (!options.predicted.empty())
    throw UsageError("--predicted: not beside --process, which writes a configuration; fit the curves alone");
  const std::vector<std::string> names = names_of(options.inputs);
  std::vector<study::NamedModel> models;
  std::map<std::string, std::string> file_of;  // by content
  bool fitted_here = false;
  for (std::size_t k = 0; k < options.inputs.size(); ++k) {
    const std::string& path = options.inputs[k];
    if (path != "-") {
      const auto [before, fresh] = file_of.emplace(io::content_hash(path), path);
      if (!fresh) throw InputError(path + ": the same as " + before->second + "; give each die once");
    }
    if (io::filetype_of(options.inputs[k]) == "model") {
      auto read = io::read_model(options.inputs[k]);
      context.parent("die " + names[k], read.filetype, read.hash, read.header);
      models.push_back({names[k], std::move(read.value.model)});
      continue;
    }
    options.curves = options.inputs[k];
    const io::CurvesFile input = read_input(options, context);
    options.fit.placement = input.placement;
    const network::Resolved network =
        input.network.empty() ? network::Resolved() : network::resolve(input.network, input.process);
    models.push_back({names[k], input.spectra.empty()
                                    ? study::fit(input.curves, input.process, network.plans(), options.fit,
                                                 context.progress())
                                    : model_of_spectra(options, input, network, context)});
    fitted_here = true;
  }
  for (const char* option : {"model", "bad-residual", "knots", "missing", "element-map", "set", "variance",
                             "circumference", "all-pass"})
    if (!fitted_here && context.asked(option))
      throw UsageError(std::string("--") + option + ": acts on nothing here; models were fitted before");
  std::vector<study::DiePosition> positions;
  if (!options.positions.empty()) positions = app::read_positions(options.positions, context);
  const study::ProcessFit fit = study::fit_process(std::move(models), positions);
  app::write_text(options.output, app::configuration_of(fit));
  app::report_process(fit, context.report());
}

void run(FitOptions& options, cli::Context& context) {
  if (options.to_process) return run_process(options, context);
  if (options.inputs.size() > 1)
    throw UsageError("CURVES: expected one file, found " + std::to_string(options.inputs.size()) +
                     "; --process estimates the process that made many dies");
  if (!options.inputs.empty()) options.curves = options.inputs.front();
  if (!options.predicted.empty() && options.curves.empty())
    throw UsageError("--predicted: expected CURVES that were measured (pnn-characterize)");
  io::CurvesFile input = read_input(options, context);
  options.fit.placement = input.placement;
  network::Resolved network;
  if (!input.network.empty()) {
    network = network::resolve(input.network, input.process);
    options.process.check_effect(network.plans(), input.process);
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
