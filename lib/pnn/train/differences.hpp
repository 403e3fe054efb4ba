// Gradients without a model: from losses alone, as a device gives them.
//
// Spall (IEEE Trans. Autom. Control 37, 332, 1992), eq. 2.2, with Δ of independent signs:
//   ĝ_k = (L(θ + c_t Δ) − L(θ − c_t Δ)) / (2 c_t Δ_k),  θ_{t+1} = θ_t − a_t ĝ(θ_t),
// and his gains (IEEE Trans. Aerosp. Electron. Syst. 34, 817, 1998): a_t = a/(A + t + 1)^0.602,
// c_t = c/(t + 1)^0.101. Ours is that estimate, in units of each control's range, with other gains: c is
// constant (--probe), and in place of a_t stand the optimiser and the schedule that every other method has,
// so that a comparison of methods is one of gradients alone. What is given up is the proof of convergence:
// the bias of O(c²) stays, while a c that shrank would let the read-out noise of a device grow in ĝ as 1/c.
#pragma once

#include "pnn/core/random.hpp"
#include "pnn/train/estimator.hpp"

namespace pnn::train {

/// Coordinates are the controls in units of their range, then the digital parameters as they are.
class Differences {
 public:
  /// `probe`: the step in these coordinates.
  Differences(Objective<float>& objective, double probe);

  /// Simultaneous perturbation: two losses at ±probe along a direction of random signs of `stream`,
  /// g_k = (L₊ − L₋) / (x₊ − x₋)_k. A probe ends at the end of a control's range, and then x₊ − x₋ is shorter
  /// than 2 probe. Its mean over directions is the gradient, to the second order of the probe.
  network::Loss simultaneous(const Batch<float>& batch, const StepBuffers& buffers, const Stream& stream,
                             Cost& cost);
  /// Central differences, two losses a parameter; one-sided where a control stands at an end of its range.
  network::Loss coordinates(const Batch<float>& batch, const StepBuffers& buffers, Cost& cost);

 private:
  /// The loss with controls_ and digital_ as they are.
  network::Loss loss(const Batch<float>& batch, const StepBuffers& buffers, bool moves_statistics,
                     Cost& cost);

  Objective<float>& objective_;
  double probe_;
  std::vector<float> unit_;           ///< range of each control
  std::vector<float> lower_, upper_;  ///< its ends; none for an angle
  std::vector<float> signs_, controls_, digital_, distance_;
};

}  // namespace pnn::train
