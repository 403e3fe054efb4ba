#include "pnn/app/drift_trace.hpp"

#include <optional>
#include <utility>

#include "pnn/app/table_notes.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/table.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/trace.hpp"

namespace pnn::app {
namespace {

/// By the laboratory of the first layer that can read weights so.
study::Trace trace_of_weights(const study::SweepInput& in, const TraceSettings& settings,
                              const platform::Process& process, std::vector<double> times,
                              const std::vector<double>& weights) {
  for (const platform::LayerPlan& plan : in.network.plans()) {
    std::optional<study::Trace> trace =
        study::lab_of(plan.platform())
            .weight_trace(times, weights, process, settings.scale, settings.flank == train::Flank::upper);
    if (trace) return std::move(*trace);
  }
  throw UsageError("--trace-column weight: no layer of the network has a weight that tells a temperature");
}

}  // namespace

void TraceSettings::describe(Options& o) {
  o.group("Drift trace");
  o.input("trace", path, "CSV with a column time (s) and the trace: adds an axis time");
  o.choice("trace-column", column,
           "what was recorded: temperature (°C; column temperature), or the weight of one element (column "
           "weight or response), turned into a detuning");
  o.integer("trace-points", points, "N", "times along the trace that are evaluated", Limits::between(2, 1e5));
  o.choice("trace-flank", flank, "flank on which the recorded element worked",
           {train::Flank::lower, train::Flank::upper});
  o.number("trace-scale", scale, "S", "recorded weight that counts as 1; 0 is the largest if above 1",
           Limits::non_negative());
}

void add_trace(study::SweepInput& in, const TraceSettings& settings, const platform::Process& process,
               cli::Context& context) {
  const io::Table table = io::read_table(settings.path);
  tell(table.notes, table.path, context);
  context.parent("trace", "csv", table.hash, {});
  const bool weight = settings.column == Recorded::weight;
  const std::string column = weight ? (table.has("weight") ? "weight" : "response") : "temperature";
  std::vector<double> times = table.numbers("time");
  const std::vector<double> values = table.numbers(column);
  study::Trace trace = weight ? trace_of_weights(in, settings, process, std::move(times), values)
                              : study::temperature_trace(std::move(times), values);
  if (trace.clipped > 0)
    context.warn(settings.path + ": " + std::to_string(trace.clipped) + " of " +
                 std::to_string(trace.time_s.size()) +
                 " samples are outside what an element can show and were held at its limit");
  study::Axis axis{"time", "s", "time along the drift trace", {}};
  const double first = trace.time_s.front(), last = trace.time_s.back();
  for (int k = 0; k < settings.points; ++k)
    axis.values.push_back(first + (last - first) * k / (settings.points - 1));
  in.axes.push_back(axis);
  in.trace_time_s = std::move(trace.time_s);
  in.trace_drift_k = std::move(trace.drift_k);
}

}  // namespace pnn::app
