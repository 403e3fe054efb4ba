// Makes a recorded drift an axis of a sweep (--trace).
#pragma once

#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::app {

/// --trace FILE and its options.
struct TraceSettings {
  std::string path, column = "temperature", flank = "lower";
  int points = 50;
  double scale = 0;

  void describe(Options& o);
  [[nodiscard]] bool wanted() const { return !path.empty(); }
};

/// Reads the table of a trace, registers it as a parent, and adds the axis "time" to the sweep: `points`
/// times from the first to the last of the trace, at which devices have the recorded drift. Warns of samples
/// beyond the range of an element. Throws InputError if the table lacks a column.
void add_trace(study::SweepInput& in, const TraceSettings& settings, const platform::Process& process,
               cli::Context& context);

}  // namespace pnn::app
