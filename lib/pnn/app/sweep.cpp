#include "pnn/app/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "pnn/app/dry_run.hpp"
#include "pnn/app/result_report.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/yield.hpp"

namespace pnn::app {

void SweepSettings::describe(Options& o) {
  o.positional_inputs("PARAMS", params, "trained parameters; several of one network are compared").required =
      true;
  describe_unfinished(o, take_unfinished);
  o.input("data", data, "data set whose samples are shown").required = true;
  Option& target = o.input("devices", devices,
                           device_help("chips to visit") + ", or a model that stands for a perfect device");
  target.required = true;
  target.aliases = {"device"};
  o.input("models", models,
          "--map weights and --finetune-steps: models of these devices, fitted to their own curves "
          "(pnn-characterize --all, pnn-fit), or one for all of them (pnn-fit --model nominal)");
  o.text("index", index, "LIST", "devices to visit, as 0,3 or 0:19, or 0:19:2 for every other; all if empty");
  o.list("vary", vary, "NAME=RANGE",
         "an axis: a condition, as drift=-2:2:0.5 or dac-bits=4,6,8, or a value of the fabrication "
         "process, as " +
             platform::process_example() +
             " or a range of it, for which the devices are drawn anew with the same "
             "random numbers; several make a grid, the first slowest");
  samples.describe(o);
  o.integer("repeat", repeat, "R", "evaluations of each, with other draws of what is random",
            Limits::at_least(1));
  yield.describe(o);
  o.text("shard", shard, "I/N", "do part I (from 0) of N; slurm takes both from the job array").role =
      Option::Role::transport;
  unfinished.describe(o);
  describe_save_every(o, save_every_s);
  describe_dry_run(o, dry_run);
}

void SweepSettings::describe_deployment(Options& o) {
  conditions.describe(o);
  mapping.describe(o);
  mapping.describe_recalibration(o);
  describe_driver(o, driver, devices);
  bounds.describe(o);
}

study::Shard this_shard(const std::string& text) {
  const auto environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  return study::parse_shard(text, environment("SLURM_ARRAY_TASK_ID"), environment("SLURM_ARRAY_TASK_MIN"),
                            environment("SLURM_ARRAY_TASK_COUNT"));
}

std::vector<std::size_t> device_indices(const std::vector<std::size_t>& all, const std::string& text) {
  if (text.empty()) return all;
  const bool whole_range = std::count(text.begin(), text.end(), ':') == 1;  // "1:20", of whole numbers
  std::vector<std::size_t> indices;
  for (double v : parse_range(whole_range ? text + ":1" : text, "--index")) {
    if (!(v >= 0 && v <= 0x1p53 && v == std::floor(v)))
      throw UsageError("--index: expected device numbers from 0, found " + format_number(v));
    indices.push_back(std::size_t(v));
  }
  return indices;
}

Evaluation load_evaluation(const SweepSettings& settings, cli::Context& context) {
  settings.finetuning.check(!settings.models.empty());
  const bool training = settings.mapping.shows_samples(settings.finetuning.wanted());
  Evaluation e =
      load_evaluation(settings.params, settings.data, parts_of(settings.samples.split, training),
                      settings.devices, settings.driver, settings.models, context, settings.take_unfinished);
  load_features(e, settings.samples.features, context);
  return e;
}

study::SweepInput sweep_input(const Evaluation& e, const std::string& tool, const SweepSettings& settings,
                              const cli::Context& context) {
  study::SweepInput in = sweep_input(e, tool, device_indices(e.numbers(), settings.index), context.seed());
  in.finetuning = settings.finetuning;
  in.finetuning.train.task = e.params.front().value.task;
  if (in.finetuning.wanted() && !in.target.has_devices())
    throw UsageError("--finetune-steps: " + settings.devices +
                     " is a model; a training in situ needs devices");
  if (in.finetuning.wanted() && !(e.device_models->value.network == e.params.front().value.network))
    throw InputError(settings.models + ": made for another network than the parameters");
  configure(in, settings.conditions, settings.mapping, settings.samples);
  for (const std::string& text : settings.vary) in.axes.push_back(study::parse_axis(text));
  in.repeats = std::size_t(settings.repeat);
  const study::Shard shard = this_shard(settings.shard);
  in.shard = shard.index;
  in.shards = shard.count;
  return in;
}

void run_sweep(study::SweepInput& in, const Evaluation& e, const SweepSettings& settings,
               cli::Context& context) {
  bound_controls(in, e, settings.bounds, settings.driver.guard.limits, settings.conditions, context);
  const study::Yield yield = asked_yield(settings.yield, e, in.target.indices, settings.devices);
  const Provenance header = context.provenance();
  UnfinishedFile unfinished(settings.unfinished, settings.output, context);
  std::optional<io::Read<study::Result>> previous;
  if (!unfinished.before().empty()) {
    previous = io::read_result(unfinished.before());
    check_same_work(previous->header, header, unfinished.before());
    in.previous = &previous->value;
  }
  if (settings.dry_run) {
    report_forecast(context, [&] {
      Forecast f = study::forecast(in, context.progress());
      constexpr std::uint64_t numbers = 4;  // accuracy and loss of an evaluation, and what stands beside them
      if (!settings.output.empty())
        add_saving(f, settings.output, numbers * sizeof(double) * f.count("evaluations"),
                   settings.save_every_s);
      return f;
    });
    report_yield_forecast(yield, in.target.indices.size(), context.report());
    return;
  }
  const auto save = [&](const study::Result& result) {
    unfinished.save([&](const std::string& path) { io::write_result(path, result, header); });
  };
  study::SweepOutcome outcome = study::sweep(in, context.progress(), save, settings.save_every_s);
  outcome.result.yield = yield;
  study::tell_yield(outcome.result);
  if (!outcome.complete) save(outcome.result);
  if (e.devices) e.devices->account(context);
  if (outcome.failure) unfinished.rethrow(outcome.failure);
  if (!outcome.complete) throw Interrupted("interrupted; " + unfinished.where());
  if (!settings.output.empty()) io::write_result(settings.output, outcome.result, header);
  unfinished.remove(context);
  report_overflow(outcome, context);
  report_held(outcome.held_controls, context);
  report_result(outcome.result, context.report());
  if (settings.mapping.map == study::Carried::weights)
    context.report().value("largest_weight_error", outcome.largest_weight_error);
  if (in.finetuning.wanted()) {
    context.report().value("finetune_device_calls", std::int64_t(outcome.finetune_calls));
    context.account("device calls of fine-tuning", outcome.finetune_calls);
    const std::vector<double>& diverged = outcome.result.diverged.data;
    const auto lost = std::count(diverged.begin(), diverged.end(), 1.0);
    context.report().value("finetune_diverged", std::int64_t(lost));
    if (lost > 0)
      context.warn("fine-tuning diverged for " + std::to_string(lost) + " of " +
                   std::to_string(diverged.size()) +
                   " evaluations, which were made without it (/diverged says which); lower --lr, --dat-lr or "
                   "the radius");
  }
  context.report().value("device_calls", std::int64_t(outcome.device_calls));
  context.account("device calls", outcome.device_calls);
}

}  // namespace pnn::app
