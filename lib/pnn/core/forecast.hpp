// An estimate of what long work will cost, made before it is done (--dry-run).
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

/// The cost of saving a state once.
struct Saving {
  std::uint64_t bytes = 0;  ///< size of the file
  double seconds = 0;       ///< until the file is flushed to the disk
};

/// The counts are exact; the time is extrapolated from a small part of the work, which is done and discarded.
struct Forecast {
  struct Count {
    std::string what;  ///< "gradient evaluations"
    std::uint64_t number = 0;
  };
  std::vector<Count> counts;     ///< in the order in which they are printed
  double seconds = 0;            ///< on this machine, with the present number of threads
  std::uint64_t rehearsed = 0;   ///< units of work that were done for the estimate
  std::string unit;              ///< "steps"
  std::uint64_t held_bytes = 0;  ///< memory of the finished work beyond what the rehearsal used
  /// The number of the count named `what`; 0 if there is none.
  [[nodiscard]] std::uint64_t count(std::string_view what) const {
    for (const Count& told : counts)
      if (told.what == what) return told.number;
    return 0;
  }
};

/// A Progress that times work and stops it early. The work must ask stop_requested() after every unit, from
/// one thread. It is told to stop after `seconds`, after `most_units` units, or when `outer` asks to stop.
/// Prints nothing.
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
  /// Units done so far; 1 while the first is under way.
  [[nodiscard]] std::uint64_t units() const { return std::max<std::uint64_t>(1, units_); }
  /// Time from the start until the first unit was done, in s; it includes whatever the work prepares once.
  [[nodiscard]] double seconds_first() const { return since(start_, units_ > 0 ? first_ : Clock::now()); }
  /// Mean time of a unit, in s. The first is left out if there are more, since it also prepares memory and
  /// caches.
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
