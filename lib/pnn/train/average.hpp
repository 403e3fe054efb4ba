// The running mean of the trained parameters, which --average evaluates and writes in place of the last ones.
//
//   m_t = Σ_{k=1..t} (1 − B) B^(t−k) θ_k / (1 − B^t),
//
// the exponential form of the mean of Polyak and Juditsky (SIAM J. Control Optim. 30, 838, 1992), without the
// weight of a start. Steps of a constant learning rate wander about a minimum; their mean lies within it, on
// its flat side (Izmailov and others, UAI 2018).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pnn::train {

/// The running mean of one block of parameters.
class RunningMean {
 public:
  /// `decay`: B in [0, 1), a step; its mean reaches 1/(1 − B) steps back. `size`: number of parameters.
  RunningMean(double decay, std::size_t size) : decay_(decay), mean_(size) {}

  /// Takes in `values`, parameters number `first`, `first` + 1, … after update number `step` (from 0). With
  /// `turn` > 0 they are angles, equal after a turn: the nearest of the equal angles counts.
  void add(std::size_t first, std::span<const float> values, double turn, std::uint64_t step);

  /// The mean, [size]. Part of a checkpoint.
  [[nodiscard]] std::vector<float>& values() { return mean_; }
  [[nodiscard]] const std::vector<float>& values() const { return mean_; }

 private:
  double decay_;
  std::vector<float> mean_;
};

}  // namespace pnn::train
