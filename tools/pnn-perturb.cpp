// How good are trained parameters when temperature, misalignment, detuning, rounding or noise move?
#include "pnn/app/drift_trace.hpp"
#include "pnn/app/sweep.hpp"
#include "pnn/core/errors.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-perturb",
    .summary = "sweep temperature, detuning, noise or rounding and evaluate at every point",
    .reads = "params, dataset, device or model",
    .writes = "result",
    .details = R"(
Conditions of --vary and --set: temperature (°C), drift (K from the set point), detuning and detuning-spread
(nm), control-noise (fraction of the range), dac-bits, readout-noise. --only-layers mrr4,mrr5 lets temperature
and detuning reach these layers alone. --trace replays a recorded drift.
)",
    .example =
        "pnn-perturb bp.h5 sat.h5 --data fashion.h5 --devices chips.h5 --vary drift=-2:2:0.5 -o drift.h5",
    .see_also =
        "pnn-transfer for many devices as they are, pnn-landscape for what the loss does around the "
        "parameters, pnn-merge for shards, scripts/plot sweep for a picture"};

struct PerturbOptions {
  app::SweepSettings sweep;
  app::TraceSettings trace;

  void describe(Options& o) {
    sweep.describe(o);
    trace.describe(o);
    sweep.describe_deployment(o);
    o.output(sweep.output);
  }
};

void run(PerturbOptions& options, cli::Context& context) {
  if (options.sweep.vary.empty() && !options.trace.wanted())
    throw UsageError("--vary: a sweep needs an axis, as --vary drift=-2:2:0.5, or a --trace");
  const app::Evaluation e = app::load_evaluation(options.sweep, context);
  study::SweepInput in = app::sweep_input(e, "pnn-perturb", options.sweep, context);
  if (options.trace.wanted()) app::add_trace(in, options.trace, e.process(), context);
  app::run_sweep(in, e, options.sweep, context);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<PerturbOptions>(argc, argv, about, run);
}
