// Measures single rings through one layer of a device, with as few calls as its tiles allow.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "pnn/device/device.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/coverage.hpp"
#include "pnn/platforms/mrr/platform.hpp"

namespace pnn::platforms::mrr::lab {

/// Controls from the lowest to the highest of a layer in equal steps of heater power (I²), in float as a
/// device is told; two or more.
std::vector<double> equal_power_steps(const device::LayerPort& port, int points);

/// One reading: the weight of `ring` at `control_ma`, while all other rings but one are parked at the lowest
/// current.
struct Job {
  std::size_t ring = 0;
  double control_ma = 0;
  std::optional<std::size_t> heated;  ///< another ring of the same chip, held at heated_ma
  double heated_ma = 0;
};

/// One layer of a device, through which rings are read.
class Bench {
 public:
  /// `averages`: read-outs in one reading. `settle_s`: time between setting controls and reading.
  Bench(device::Device& device, std::size_t layer, int averages, double settle_s = 0);

  /// The readings, in the order of `jobs`. Each device call sets the whole layer once and reads every tile
  /// once: on a chip shared in time, any tile as large as the first one can measure any ring; with `space`
  /// every ring has its own tile. `take` is called for the readings of each device call. Throws DeviceError
  /// for an output that is not finite.
  std::vector<Reading> read(const std::vector<Job>& jobs, const Take& take);

 private:
  struct Slot {
    std::size_t job;
    Index tile;
  };
  [[nodiscard]] bool as_large_as_first(Index tile) const;
  [[nodiscard]] Index weight_at(std::size_t ring, Index tile) const;
  std::vector<Reading> call(const std::vector<Job>& jobs, const std::vector<Slot>& slots);

  device::Device& device_;
  std::size_t layer_;
  BankPlan plan_;
  int averages_;
  double parked_ma_;
  double settle_s_;
  std::vector<Index> shared_tiles_;  ///< of a chip shared in time: tiles as large as the first
  std::vector<float> controls_;
  Matrix<float> inputs_, outputs_;  ///< [lit channels · averages, in], [the same, out]
};

/// Runs the jobs of a chip, each through the layer that measures its ring; results in order of jobs.
std::vector<Reading> read_all(device::Device& device, const ChipCoverage& chip, int averages, double settle_s,
                              const std::vector<Job>& jobs, const Take& take);

}  // namespace pnn::platforms::mrr::lab
