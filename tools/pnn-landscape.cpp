// How flat is the loss around trained parameters, and what is it sensitive to?
#include "pnn/app/evaluation.hpp"
#include "pnn/app/landscape_report.hpp"
#include "pnn/app/resume.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-landscape",
    .summary = "look at the loss around trained parameters",
    .reads = "params, dataset, device or model",
    .writes = "result",
    .details = R"(
Slices are losses and accuracies over axes alpha and beta, drawn by scripts/plot sweep and map (--of loss).
Curvature is that of the loss on the samples shown, in controls over their range (--scale none: in their own
unit) or in weights, digital parameters left out; on a model by differences of exact gradients, on a device by
differences of losses, whose noise --step has to stand above. Where a control moves several weights,
|dW/dTheta| is the length of its column.
)",
    .example =
        "pnn-landscape bp.h5 sat.h5 --data fashion.h5 --on model.h5 --hessian 5 --trace 20 --histogram "
        "-o land.h5",
    .see_also =
        "pnn-perturb for the disturbances that a chip meets, pnn-train for methods that seek flat "
        "places, scripts/plot sweep, map, spectrum and histograms for pictures"};

struct LandscapeOptions {
  std::vector<std::string> params;
  std::string data, on, output;
  app::Samples split = app::Samples::test;
  int index = 0, images = 1000;
  study::LandscapeSettings landscape;
  study::ConditionSettings conditions;
  platform::BoundSettings bounds;
  bool unfinished = false;
  device::DriverSettings driver;

  void describe(Options& o) {
    o.positional_inputs("PARAMS", params, "trained parameters; several of one network are compared")
        .required = true;
    app::describe_unfinished(o, unfinished);
    o.input("data", data, "data set whose samples the loss is of").required = true;
    Option& target =
        o.input("on", on, "model, or " + app::device_help("device") + ", whose loss is looked at");
    target.required = true;
    target.aliases = {"device"};
    o.integer("index", index, "K", "device of the file, from 0", Limits::non_negative());
    o.choice("split", split, "samples that the loss is of");
    o.integer("images", images, "N", "how many of them, the first of the split; 0 is all",
              Limits::non_negative());
    landscape.describe(o);
    conditions.describe(o);
    app::describe_driver(o, driver, on);
    bounds.describe(o);
    o.output(output).required = false;
  }
};

void run(LandscapeOptions& options, cli::Context& context) {
  if (!options.output.empty()) context.check_output(options.output);
  const app::Evaluation e =
      app::load_evaluation(options.params, options.data, app::parts_of(options.split, false), options.on,
                           options.driver, "", context, options.unfinished);
  study::SweepInput in = app::sweep_input(e, "pnn-landscape", {std::size_t(options.index)}, context.seed());
  in.surroundings = options.conditions.surroundings(in.network.plans(), in.runs_on());
  app::bound_controls(in, e, options.bounds, options.driver.guard.limits, options.conditions, context);
  in.validation = options.split == app::Samples::validation;
  in.images = options.images;
  const study::Exploration found = study::explore(in, options.landscape, options.data, context.progress());
  if (e.devices) e.devices->account(context);
  if (!options.output.empty()) io::write_result(options.output, found.result, context.provenance());
  app::report_held(found.held_controls, context);
  app::report_landscapes(found, context);
  context.account("gradients", found.gradients);
  context.account("device calls", found.device_calls);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<LandscapeOptions>(argc, argv, about, run);
}
