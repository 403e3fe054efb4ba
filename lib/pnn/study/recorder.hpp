// What a measurement reads, kept as it is read, so that one that ended early goes on where it was.
#pragma once

#include <functional>
#include <vector>

#include "pnn/core/pace.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/study/bench.hpp"

namespace pnn::study {

/// Gives out what is known of an earlier session in its order, and takes up what is measured after it. A
/// measurement asks for the same things in the same order each time, since that depends on what it read
/// alone.
class Recorder {
 public:
  /// `known`: what an earlier session read. `save` gets all that is there every `save_every_s` seconds, or
  /// less often where it takes long.
  explicit Recorder(model::ReadingLog known = {}, std::function<void(const model::ReadingLog&)> save = {},
                    double save_every_s = 10);

  /// All readings so far, known and new.
  [[nodiscard]] const model::ReadingLog& log() const { return log_; }
  /// Device calls behind them.
  [[nodiscard]] std::uint64_t calls() const;

  /// Whether the next group of readings, or the next temperature, is known.
  [[nodiscard]] bool knows_group() const { return groups_ < log_.group.size(); }
  [[nodiscard]] bool knows_temperature() const { return temperatures_ < log_.temperature_c.size(); }
  /// The next group of `count` readings and the device calls that it took. Throws InputError where the log
  /// has another number.
  struct Group {
    std::vector<Reading> readings;
    std::uint64_t calls = 0;
  };
  Group next_group(std::size_t count);
  double next_temperature() { return log_.temperature_c[temperatures_++]; }
  /// Takes up what was not known.
  void add(const Group& group);
  void add_temperature(double temperature_c);

 private:
  model::ReadingLog log_;
  std::function<void(const model::ReadingLog&)> save_;
  Pace pace_;
  std::size_t groups_ = 0, readings_ = 0, temperatures_ = 0;  ///< given out
};

}  // namespace pnn::study
