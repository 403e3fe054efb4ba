// A measured drift trace as temperature offsets over time.
#pragma once

#include <string>
#include <vector>

#include "pnn/platform/mrr_process.hpp"

namespace pnn::study {

/// Offsets from the trace's first sample.
struct Trace {
  std::vector<double> time_s;   ///< ascending
  std::vector<double> drift_k;  ///< against the first sample
  std::size_t clipped = 0;      ///< weight samples outside what a ring can show, held at its limit
};

/// A temperature trace (°C or K): differences to its first value.
Trace temperature_trace(std::vector<double> time_s, const std::vector<double>& temperature);

/// A weight recorded over time on one ring: scaled into the ring's range of weights (its own extremes map to
/// the extremes only where they pass them), read back to a detuning on the flank of its operating point
/// through the nominal curve, and expressed as the temperature that would shift it so (κ). `scale` divides
/// the weights; 0 chooses the largest magnitude if that is above 1, else 1.
Trace weight_trace(std::vector<double> time_s, const std::vector<double>& weight,
                   const platform::MrrProcess& process, double scale, bool upper_flank);

}  // namespace pnn::study
