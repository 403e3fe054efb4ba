// When is a time of so many seconds over?
#pragma once

#include <algorithm>
#include <chrono>

namespace pnn {

/// The moment that is `seconds` (0 or more, never NaN) after `start`. The clock counts three centuries in
/// nanoseconds and would begin anew in the past behind them, so that all beyond one is taken for one.
inline std::chrono::steady_clock::time_point deadline_after(std::chrono::steady_clock::time_point start,
                                                            double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr double century = 3.15e9;
  return start + std::chrono::duration_cast<Clock::duration>(
                     std::chrono::duration<double>(std::min(seconds, century)));
}

}  // namespace pnn
