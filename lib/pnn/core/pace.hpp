// Decides how often unfinished work is saved.
#pragma once

#include <algorithm>
#include <chrono>

namespace pnn {

/// Runs a task at intervals of at least `every_s` seconds, and less often if it is slow: it takes at most a
/// twentieth of the time.
class Pace {
 public:
  explicit Pace(double every_s) : every_s_(every_s) {}

  /// Calls `work` if the interval since its last call is over; call this often.
  template <class Work>
  void keep(const Work& work) {
    const Clock::time_point start = Clock::now();
    if (seconds(last_, start) < interval_s_) return;
    work();
    last_ = Clock::now();
    interval_s_ = std::max(every_s_, 20 * seconds(start, last_));
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  double every_s_, interval_s_ = every_s_;
  Clock::time_point last_ = Clock::now();
};

}  // namespace pnn
