// Makes a recorded drift an axis of a sweep (--trace).
#pragma once

#include <array>
#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::app {

/// What a trace recorded.
enum class Recorded { temperature, weight };
constexpr auto words_of(Recorded) {
  using enum Recorded;
  return std::to_array<Word<Recorded>>({{temperature, "temperature"}, {weight, "weight"}});
}

/// --trace FILE and its options.
struct TraceSettings {
  std::string path;
  Recorded column = Recorded::temperature;
  train::Flank flank = train::Flank::lower;
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
