// What would long work cost, before it is done?
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/progress.hpp"

namespace pnn {

/// What saving a state once takes.
struct Saving {
  std::uint64_t bytes = 0;  ///< of the file
  double seconds = 0;       ///< until it is on the disk
};

/// Counts are those of the work itself; the time is that of a small part of it, done and thrown away.
struct Forecast {
  struct Count {
    std::string what;  ///< "gradient evaluations"
    std::uint64_t number = 0;
  };
  std::vector<Count> counts;     ///< in the order of telling
  double seconds = 0;            ///< on this machine, with as many threads
  std::uint64_t rehearsed = 0;   ///< units that were done for the estimate
  std::string unit;              ///< "steps"
  std::uint64_t held_bytes = 0;  ///< memory that the work holds at its end and the rehearsal did not
  /// The number told of `what`; 0 where nothing is.
  [[nodiscard]] std::uint64_t count(std::string_view what) const {
    for (const Count& told : counts)
      if (told.what == what) return told.number;
    return 0;
  }
};

/// Lets work run that asks stop_requested() after every unit, from one thread, and stops it when enough is
/// timed, so many units are done, or `outer` wants to stop. Says nothing.
class Rehearsal final : public Progress {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Rehearsal(const Progress& outer, double seconds = 1,
                     std::uint64_t most_units = std::numeric_limits<std::uint64_t>::max())
      : outer_(outer), seconds_(seconds), most_units_(most_units) {}

  [[nodiscard]] bool stop_requested() const override {
    last_ = Clock::now();
    if (units_++ == 0) first_ = last_;
    return outer_.stop_requested() || units_ >= most_units_ || since(first_, last_) >= seconds_;
  }
  /// Units done so far, at least the one that is under way.
  [[nodiscard]] std::uint64_t units() const { return std::max<std::uint64_t>(1, units_); }
  /// Time until the first unit was done, s: what comes once before the work with it.
  [[nodiscard]] double seconds_first() const { return since(start_, units_ > 0 ? first_ : Clock::now()); }
  /// Time of one unit, s. The first is left out where there are more: it also prepares memory and caches.
  [[nodiscard]] double seconds_each() const {
    return units_ > 1 ? since(first_, last_) / double(units_ - 1) : seconds_first();
  }

 private:
  static double since(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  const Progress& outer_;
  double seconds_;
  std::uint64_t most_units_;
  Clock::time_point start_ = Clock::now();
  mutable Clock::time_point first_, last_;
  mutable std::uint64_t units_ = 0;
};

}  // namespace pnn
