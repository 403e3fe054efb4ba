// How does a recorded drift become an axis of a sweep?
#pragma once

#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::app {

/// --trace FILE and how it is read.
struct TraceSettings {
  std::string path, column = "temperature", flank = "lower";
  int points = 50;
  double scale = 0;

  void describe(Options& o);
  [[nodiscard]] bool wanted() const { return !path.empty(); }
};

/// Reads the table of a trace, registers it as a parent, and adds the axis "time" to the sweep: `points`
/// times from the first to the last of the trace, along which devices drift as it did. Warns of samples that
/// a ring cannot show. Throws InputError where the table lacks a column.
void add_trace(study::SweepInput& in, const TraceSettings& settings, const platform::Process& process,
               cli::Context& context);

}  // namespace pnn::app
