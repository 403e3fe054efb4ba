// Which settings of a training are best on chips that were never seen?
#include <algorithm>

#include "pnn/app/dry_run.hpp"
#include "pnn/app/training_data.hpp"
#include "pnn/app/tuning.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/device/guard.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-tune",
    .summary = "search the settings of a training by successive halving, on validation chips",
    .reads = "model, dataset",
    .writes = "tuning (params)",
    .details = R"(
Takes what pnn-train takes (and its table of a preset): these settings are the first that are tried, and those
that --search does not name are the same for all. Many settings are trained a little, the better third of them
three times as long, and so on; finalists are trained with several seeds. A training of the last rung is as long
as --budget, --budget-epochs, --steps or --epochs say, the others shorter, with all that is told in parts of it.

Settings are judged on the validation samples alone, by chips drawn from the process of the model with random
numbers of their own: none of them is ever in a file of pnn-fabricate. No test sample is read.

The finished trainings are kept in the folder OUTPUT.trials until the search is done. Any number of processes
with the same command share the work, on one machine (--jobs) or many (a job array of the same command); after an
early end the same command goes on. The output has the same bytes however the work was shared.
)",
    .example =
        "pnn-tune model.h5 --data fashion.h5 --method noise --perturb temperature=1 --budget-epochs 3 "
        "--search lr=1e-3:3e-2:log --search sigma=0.005:0.05:log --criterion quantile=5 -o search.h5 "
        "--params best.h5",
    .see_also =
        "pnn-train for the options, pnn-transfer and pnn-perturb for what the best is worth on chips that "
        "chose "
        "nothing, lib/pnn/study/halving.hpp for the method, scripts/plot tune for a picture"};

struct TuneOptions {
  app::TrainingFiles files;
  app::SearchSettings search;
  train::TrainSettings train;
  platform::BoundSettings bounds;
  std::vector<std::string> limits;
  app::SearchOutputs outputs;
  bool dry_run = false;

  void describe(Options& o) {
    files.describe(o);
    app::describe_dry_run(o, dry_run);
    search.describe(o);
    train.describe(o);
    o.group("Where controls may be");
    device::describe_limits(o, limits);
    bounds.describe(o);
    o.group("Outputs");
    o.output(outputs.tuning);
    o.text("params", outputs.params, "FILE", "also write the parameters of the best training").role =
        Option::Role::output;
  }
  /// The words of pnn-train that do not belong to the settings of a training.
  [[nodiscard]] std::string training_command() const {
    std::string text = "pnn-train " + files.model + " --data " + files.data;
    if (files.index > 0) text += " --index " + std::to_string(files.index);
    if (!files.init.empty()) text += " --init " + files.init + (files.take_unfinished ? " --unfinished" : "");
    for (const std::string& limit : limits) text += " --limits " + limit;
    for (const std::string& fixed : bounds.fixed) text += " --fix '" + fixed + "'";
    return text + (bounds.extrapolate ? " --extrapolate" : "");
  }
};

void check_command(const TuneOptions& options) {
  options.train.check();
  if (options.train.on_device())
    throw UsageError("--method " + word_of(options.train.method) +
                     (options.train.in_situ.enabled ? " --in-situ" : "") +
                     ": trains on a device; a search trains on models alone");
  if (options.outputs.tuning == "-")
    throw UsageError("-o -: a search keeps its trainings in a folder beside its output; name a file");
  const bool stream = options.files.model == "-" || options.files.data == "-" || options.files.init == "-";
  if (stream && options.search.jobs > 1)
    throw UsageError("--jobs: several processes cannot read one standard input; name a file");
}

/// Chips are drawn from the process, also where the model was fitted to one of them.
void warn_of_chips(const model::Model& model, const std::string& name, cli::Context& context) {
  const auto fitted = std::find_if(model.chips.begin(), model.chips.end(),
                                   [](const model::ChipModel& chip) { return chip.kind != "nominal"; });
  if (fitted == model.chips.end()) return;
  context.warn("validation chips are drawn around the design values of " + name + ", not around its fit (" +
               fitted->kind + "): settings are chosen for other chips of the process");
}

void run(TuneOptions& options, cli::Context& context) {
  check_command(options);
  constexpr io::DataParts parts{true, true, false};
  app::TrainingInputs inputs = app::read_training(options.files, parts, options.train, context);
  app::read_initial(inputs, options.files, false, context);
  std::vector<app::WithoutEffect> without = app::options_without_effect(inputs.network);
  if (inputs.initial && inputs.initial->value.network == inputs.network.spec)
    without.push_back({{"init-std", "init-flank"}, "--init gives the controls"});
  const train::TrainInput input =
      app::train_input(inputs, options.files, options.train, options.bounds, options.limits, context);
  warn_of_chips(inputs.model.value.model, options.files.model, context);
  const app::Search search(options.search, options.train, input, inputs.data.value, without);
  if (options.dry_run) {
    app::report_schedule(search.schedule(), context);
    return app::report_forecast(context, [&] { return search.forecast(context.progress()); });
  }
  options.outputs.header = context.provenance();
  const study::Tuning tuning = app::run_search(search, options.search, options.outputs, context);
  app::report_search(search, tuning, options.training_command(), context);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<TuneOptions>(argc, argv, about, run);
}
