// How does a laboratory measure the cells of a crossbar?
#pragma once

#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/pcm/plan.hpp"

namespace pnn::platforms::pcm::lab {

/// Sweeps of all cells of one layer that have a control: programmed to a level, and read, each with the
/// others of its weight crystalline. Cells of other weights do not matter, since one input is lit at a time;
/// so all cells of one polarity are swept at once.
class CellSweeps final : public Measurement {
 public:
  CellSweeps(device::Device& device, std::size_t layer, const CharacterizeSettings& settings);
  [[nodiscard]] std::uint64_t readings() const override;
  /// Into `curves`: control is the level, response the weight that is read, its negative of cells that count
  /// negative.
  void sweep(std::size_t sweep, const Take& take) override;

 private:
  /// Readings of inputs [first, first + count), all outputs of each, at the present controls.
  std::vector<Reading> read(Index first, Index count);

  device::Device& device_;
  std::size_t layer_;
  const CharacterizeSettings& settings_;
  Plan plan_;
  Matrix<float> inputs_, outputs_;
};

}  // namespace pnn::platforms::pcm::lab
