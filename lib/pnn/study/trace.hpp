// Converts a measured drift to temperature offsets over time.
#pragma once

#include <string>
#include <vector>

#include "pnn/platform/mrr_process.hpp"

namespace pnn::study {

/// A drift over time, relative to its first sample.
struct Trace {
  std::vector<double> time_s;   ///< in rising order
  std::vector<double> drift_k;  ///< difference to the first sample
  std::size_t clipped = 0;      ///< number of weights beyond the range of a ring, which were clipped
};

/// A trace of temperatures (°C or K): their differences to the first one.
Trace temperature_trace(std::vector<double> time_s, const std::vector<double>& temperature);

/// A trace of the weight of one ring. Each weight, divided by `scale` and clipped to the ring's range, is
/// converted to a detuning by the nominal tuning curve on the given flank of the resonance, and the detuning
/// to the temperature difference that would cause it (κ). A `scale` of 0 chooses the largest magnitude of the
/// weights if that is above 1, otherwise 1.
Trace weight_trace(std::vector<double> time_s, const std::vector<double>& weight,
                   const platform::MrrProcess& process, double scale, bool upper_flank);

}  // namespace pnn::study
