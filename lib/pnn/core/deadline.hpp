// The moment at which a time limit is over.
#pragma once

#include <algorithm>
#include <chrono>

namespace pnn {

/// The moment `seconds` (≥ 0, not NaN) after `start`. More than a century counts as a century: the clock
/// holds 64-bit nanoseconds, about three centuries, and a longer time would overflow into the past.
inline std::chrono::steady_clock::time_point deadline_after(std::chrono::steady_clock::time_point start,
                                                            double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr double century = 3.15e9;
  return start + std::chrono::duration_cast<Clock::duration>(
                     std::chrono::duration<double>(std::min(seconds, century)));
}

}  // namespace pnn
