// Sweeps perturbations: temperature, common and individual detuning, control noise, DAC bits, a drift trace.
// Reads params (one or several, of one network), a dataset, devices or a model; writes a result.
#include <algorithm>

#include "pnn/app/sweep.hpp"
#include "pnn/io/csv.hpp"
#include "pnn/study/trace.hpp"

namespace {

using namespace pnn;

struct PerturbOptions {
  app::SweepSettings sweep;
  std::string trace, trace_column = "temperature", trace_flank = "lower";
  int trace_points = 50;
  double trace_scale = 0;

  void describe(Options& o) {
    sweep.describe(o);
    o.group("Drift trace");
    o.input("trace", trace, "CSV with a column time (s) and the trace: adds an axis time");
    o.choice("trace-column", trace_column, {"temperature", "weight"},
             "what was recorded: temperature (°C; column temperature), or the weight of one ring (column "
             "weight or response), turned into a detuning");
    o.integer("trace-points", trace_points, "N", "times along the trace that are evaluated",
              Limits::between(2, 1e5));
    o.choice("trace-flank", trace_flank, {"lower", "upper"}, "flank on which the recorded ring worked");
    o.number("trace-scale", trace_scale, "S", "recorded weight that counts as 1; 0 is the largest if above 1",
             Limits::non_negative());
    sweep.describe_deployment(o);
    o.output(sweep.output);
  }
};

/// Adds the axis "time" from the trace file.
void add_trace(const PerturbOptions& options, const platform::Process& process, study::SweepInput& in,
               cli::Context& context) {
  const io::Csv csv = io::read_csv(options.trace);
  context.parent("trace", "csv", csv.hash, {});
  const auto has = [&](const char* name) {
    return std::find(csv.header.begin(), csv.header.end(), name) != csv.header.end();
  };
  const bool weight = options.trace_column == "weight";
  const std::string column = weight ? (has("weight") ? "weight" : "response") : "temperature";
  std::vector<double> times = csv.numbers("time");
  const std::vector<double> values = csv.numbers(column);
  study::Trace trace = weight ? study::weight_trace(std::move(times), values, process.mrr,
                                                    options.trace_scale, options.trace_flank == "upper")
                              : study::temperature_trace(std::move(times), values);
  if (trace.clipped > 0)
    context.warn(options.trace + ": " + std::to_string(trace.clipped) + " of " +
                 std::to_string(trace.time_s.size()) +
                 " samples are outside what a ring can show and were held at its limit");
  study::Axis axis{"time", "s", "time along the drift trace", {}};
  const double first = trace.time_s.front(), last = trace.time_s.back();
  for (int k = 0; k < options.trace_points; ++k)
    axis.values.push_back(first + (last - first) * k / (options.trace_points - 1));
  in.axes.push_back(axis);
  in.trace_time_s = std::move(trace.time_s);
  in.trace_drift_k = std::move(trace.drift_k);
}

void run(PerturbOptions& options, cli::Context& context) {
  if (options.sweep.vary.empty() && options.trace.empty())
    throw UsageError("--vary: a sweep needs an axis, as --vary drift=-2:2:0.5, or a --trace");
  const app::Evaluation e = app::load_evaluation(options.sweep, context);
  study::SweepInput in = app::sweep_input(e, "pnn-perturb", options.sweep, context);
  if (!options.trace.empty()) add_trace(options, e.process(), in, context);
  app::run_sweep(in, e, options.sweep, context);
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-perturb",
      "sweep temperature, detuning, noise or rounding and evaluate at every point",
      "params, dataset, device or model",
      "result",
      "Conditions of --vary and --set: temperature (°C), drift (K from the set point), detuning and "
      "detuning-spread (nm), control-noise (fraction of the "
      "range), dac-bits, readout-noise. --only-layers mrr4,mrr5 lets temperature and detuning reach these "
      "layers alone.",
      "pnn-perturb bp.h5 sat.h5 --data fashion.h5 --devices chips.h5 --vary drift=-2:2:0.5 -o drift.h5"};
  return cli::run_tool<PerturbOptions>(argc, argv, info, run);
}
