// How good are trained parameters on one device or model?
#include "pnn/app/evaluation.hpp"
#include "pnn/app/result_report.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/yield.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/study/yield.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-eval",
    .summary = "evaluate trained parameters on a device or a model",
    .reads = "params, dataset, device or model",
    .writes = "result",
    .details = R"(
Tells accuracy, loss and confusion; of a regression R² and the root mean squared error of each target in its own
unit; of an autoencoder or a generator the error, the Fréchet distance of its
pictures to those of the data (--features), and keeps some of the pictures (--outputs). Without -o only the
table (or, with --json, the numbers) is printed. On a device file everything real in it counts: crosstalk,
fabrication spread, rounding, jitter, read-out noise. On a model file the model is taken at its word.
)",
    .example = "pnn-eval sat.h5 bp.h5 --data fashion.h5 --on chips.h5 --index 3 --set temperature=23",
    .see_also =
        "pnn-transfer for many devices, pnn-perturb for many conditions, scripts/plot bars and digits "
        "for pictures"};

struct EvalOptions {
  std::vector<std::string> params;
  std::string data, on, models, output;
  int index = 0;
  app::SampleSettings samples;
  app::YieldSettings yield;
  study::ConditionSettings conditions;
  study::MapSettings mapping;
  platform::BoundSettings bounds;
  bool unfinished = false;
  device::DriverSettings driver;

  void describe(Options& o) {
    o.positional_inputs("PARAMS", params, "trained parameters; several of one network are compared")
        .required = true;
    app::describe_unfinished(o, unfinished);
    o.input("data", data, "data set whose samples are shown").required = true;
    Option& target = o.input("on", on, app::device_help("device that computes") + ", or a model");
    target.required = true;
    target.aliases = {"device"};
    o.input("models", models, "--map weights: model of the device, fitted to its own curves");
    o.integer("index", index, "K", "device of the file, from 0", Limits::non_negative());
    samples.describe(o);
    yield.describe(o);
    conditions.describe(o);
    mapping.describe(o);
    app::describe_driver(o, driver, on);
    bounds.describe(o);
    o.output(output).required = false;
  }
};

void run(EvalOptions& options, cli::Context& context) {
  if (!options.output.empty()) context.check_output(options.output);
  app::Evaluation e =
      app::load_evaluation(options.params, options.data,
                           app::parts_of(options.samples.split, options.mapping.shows_samples(false)),
                           options.on, options.driver, options.models, context, options.unfinished);
  app::load_features(e, options.samples.features, context);
  study::SweepInput in = app::sweep_input(e, "pnn-eval", {std::size_t(options.index)}, context.seed());
  app::configure(in, options.conditions, options.mapping, options.samples);
  app::bound_controls(in, e, options.bounds, options.driver.guard.limits, options.conditions, context);
  const study::Yield yield = app::asked_yield(options.yield, e, in.target.indices, options.on);
  study::SweepOutcome outcome = study::sweep(in, context.progress());
  if (e.devices) e.devices->account(context);
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  if (!outcome.complete) throw Interrupted("interrupted; nothing was written, run again");
  app::report_overflow(outcome, context);
  app::report_held(outcome.held_controls, context);
  outcome.result.yield = yield;
  study::tell_yield(outcome.result);
  if (!options.output.empty()) io::write_result(options.output, outcome.result, context.provenance());
  app::report_result(outcome.result, context.report());
  context.report().value("task", word_of(outcome.result.task));
  context.report().value("loss", outcome.result.loss.data);
  context.report().value("confusion", outcome.result.confusion.data);
  context.account("device calls", outcome.device_calls);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<EvalOptions>(argc, argv, about, run);
}
