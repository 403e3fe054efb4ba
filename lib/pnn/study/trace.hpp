// Converts a measured drift to temperature offsets over time.
#pragma once

#include <string>
#include <vector>

namespace pnn::study {

/// A drift over time, relative to its first sample.
struct Trace {
  std::vector<double> time_s;   ///< in rising order
  std::vector<double> drift_k;  ///< difference to the first sample
  std::size_t clipped = 0;      ///< number of weights beyond the range of an element, which were clipped
};

/// A trace of temperatures (°C or K): their differences to the first one.
Trace temperature_trace(std::vector<double> time_s, const std::vector<double>& temperature);

/// Throws InputError unless there are two samples or more, with times in rising order.
void check_times(const std::vector<double>& time_s, std::size_t samples);

}  // namespace pnn::study
