// Records the readings of a measurement, so that a measurement that ended early can continue where it
// stopped.
#pragma once

#include <functional>
#include <vector>

#include "pnn/core/pace.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/study/reading.hpp"

namespace pnn::study {

/// Replays the readings of an earlier session in their order, and records the readings after them. This works
/// because a measurement asks for the same readings in the same order each time: what it asks for depends
/// only on what it has read.
class Recorder {
 public:
  /// `known`: the readings of an earlier session. `save` is called with all readings every `save_every_s`
  /// seconds, or less often if it is slow (core/pace).
  explicit Recorder(model::ReadingLog known = {}, std::function<void(const model::ReadingLog&)> save = {},
                    double save_every_s = 10);

  /// All readings so far, replayed and new.
  [[nodiscard]] const model::ReadingLog& log() const { return log_; }
  /// The number of device calls that they took.
  [[nodiscard]] std::uint64_t calls() const;

  /// Whether the next group of readings, or the next temperature, can be replayed.
  [[nodiscard]] bool knows_group() const { return groups_ < log_.group.size(); }
  [[nodiscard]] bool knows_temperature() const { return temperatures_ < log_.temperature_c.size(); }
  /// Replays the next group of `count` readings, with the number of device calls that it took. Throws
  /// InputError if the log has another number of readings.
  struct Group {
    std::vector<Reading> readings;
    std::uint64_t calls = 0;
  };
  Group next_group(std::size_t count);
  double next_temperature() { return log_.temperature_c[temperatures_++]; }
  /// Records new readings.
  void add(const Group& group);
  void add_temperature(double temperature_c);

 private:
  model::ReadingLog log_;
  std::function<void(const model::ReadingLog&)> save_;
  Pace pace_;
  std::size_t groups_ = 0, readings_ = 0, temperatures_ = 0;  ///< replayed so far
};

}  // namespace pnn::study
