// Moves trained parameters to many devices, by controls or by weights, with or without a trim.
// Reads params (one or several, of one network), a dataset, devices; writes a result.

#include "tools/evaluation.hpp"

namespace {

using namespace pnn;

struct TransferOptions {
  std::vector<std::string> params;
  std::string data, devices, models, index, shard, output;
  int repeat = 1;
  tools::SampleSettings samples;
  study::ConditionSettings conditions;
  study::MapSettings mapping;

  void describe(Options& o) {
    o.positional_inputs("PARAMS", params, "trained parameters; several of one network are compared")
        .required = true;
    o.input("data", data, "data set whose samples are shown").required = true;
    o.input("devices", devices, "device file with the chips to visit").required = true;
    o.input("models", models,
            "--map weights: models of these devices, fitted to their own curves (pnn-characterize --all, "
            "pnn-fit)");
    o.text("index", index, "LIST", "devices to visit, as 0,3 or 0:19:1; all if empty");
    samples.describe(o);
    o.integer("repeat", repeat, "R", "evaluations of each, with other noise", Limits::at_least(1));
    o.text("shard", shard, "I/N", "do part I (from 0) of N; slurm takes both from the job array").role =
        Option::Role::transport;
    conditions.describe(o);
    mapping.describe(o);
    o.output(output).required = false;
  }
};

void run(TransferOptions& options, cli::Context& context) {
  const study::Shard shard = tools::this_shard(options.shard);
  if (!options.output.empty()) context.check_output(options.output);
  const tools::Evaluation e =
      tools::load_evaluation(options.params, options.data, options.devices, options.models, context);
  study::SweepInput in =
      tools::sweep_input(e, "pnn-transfer", tools::device_indices(e, options.index), context.seed());
  tools::configure(in, options.conditions, options.mapping, options.samples);
  in.repeats = std::size_t(options.repeat);
  in.shard = shard.index;
  in.shards = shard.count;
  const study::SweepOutcome outcome = study::sweep(in, context.progress());
  if (!outcome.complete) throw Interrupted("interrupted; nothing was written, run again");
  if (!options.output.empty()) io::write_result(options.output, outcome.result, context.provenance());
  tools::report_result(outcome.result, context.report());
  if (options.mapping.map == "weights")
    context.report().value("largest_weight_error", outcome.largest_weight_error);
  context.account("device calls", outcome.device_calls);
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-transfer",
      "move trained parameters to many devices and evaluate them there",
      "params, dataset, device (models)",
      "result",
      "--map controls sets the same currents on every chip; --map weights asks each chip's own fitted model "
      "for the currents that give the trained weights.",
      "pnn-transfer bp.h5 noise.h5 sat.h5 --data fashion.h5 --devices chips.h5 -o transfer.h5"};
  return cli::run_tool<TransferOptions>(argc, argv, info, run);
}
