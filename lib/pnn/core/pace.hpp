// How often is unfinished work saved?
#pragma once

#include <algorithm>
#include <chrono>

namespace pnn {

/// Does something every so many seconds, and less often where it takes long: at most a twentieth of the time.
class Pace {
 public:
  explicit Pace(double every_s) : every_s_(every_s) {}

  /// Calls `work` if its time has come.
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
