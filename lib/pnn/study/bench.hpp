// One layer of a device as a bench for its rings: single readings, packed in as few calls as its tiles allow.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "pnn/device/device.hpp"

namespace pnn::study {

/// One reading: the weight of `ring` at `control_ma` with all others parked, save one.
struct Job {
  std::size_t ring = 0;
  double control_ma = 0;
  std::optional<std::size_t> heated;  ///< another ring of the same chip, held at heated_ma
  double heated_ma = 0;
};

struct Reading {
  double mean = 0;
  double error = 0;  ///< standard error of the mean; 0 with one average (unknown)
};

/// How readings come about: `count` of them, from `measure` or from an earlier session's log.
using Take = std::function<std::vector<Reading>(std::size_t count,
                                                const std::function<std::vector<Reading>()>& measure)>;

class Bench {
 public:
  /// `settle_s` passes between setting controls and reading.
  Bench(device::Device& device, std::size_t layer, int averages, double settle_s = 0);

  /// Readings in the order of jobs. Each call sets the whole layer once and reads every tile once: on a chip
  /// shared in time any tile as large as the first takes any ring, on a spatial bank each ring has its own.
  /// `take` is asked for the readings of each device call. Throws DeviceError on an output that is not
  /// finite.
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
  platform::BankPlan plan_;
  int averages_;
  double parked_ma_;
  double settle_s_;
  std::vector<Index> shared_tiles_;  ///< of a chip shared in time
  std::vector<float> controls_;
  Matrix<float> inputs_, outputs_;  ///< [lit channels · averages, in], [the same, out]
};

}  // namespace pnn::study
