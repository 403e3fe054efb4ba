// How good are trained parameters on chips never seen, and on those of a better or a worse process?
#include "pnn/app/sweep.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-transfer",
    .summary = "move trained parameters to many devices and evaluate them there",
    .reads = "params, dataset, device (models)",
    .writes = "result",
    .details = R"(
--map controls sets the same currents on every chip; --map weights asks each chip's own fitted model for the
currents that give the trained weights. --vary mzi.bs=0:0.2:0.05 --vary mzi.ps=0:0.2:0.05 maps the accuracy
over the spreads of fabrication (pnn-info --formats names them). --finetune-steps 100 --method pat --models
model.h5 trains each device for a hundred steps before it is evaluated; what else pnn-train knows of a
training in situ holds here too.
)",
    .example = "pnn-transfer bp.h5 noise.h5 sat.h5 --data fashion.h5 --devices chips.h5 -o transfer.h5",
    .see_also =
        "pnn-eval for one device, pnn-perturb for what surrounds the devices, pnn-merge for shards, "
        "scripts/plot transfer, bars and map for pictures"};

struct TransferOptions {
  app::SweepSettings sweep;

  void describe(Options& o) {
    sweep.describe(o);
    sweep.describe_deployment(o);
    sweep.finetuning.describe(o);
    o.output(sweep.output).required = false;
  }
};

void run(TransferOptions& options, cli::Context& context) {
  const app::Evaluation e = app::load_evaluation(options.sweep, context);
  study::SweepInput in = app::sweep_input(e, "pnn-transfer", options.sweep, context);
  app::run_sweep(in, e, options.sweep, context);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<TransferOptions>(argc, argv, about, run);
}
