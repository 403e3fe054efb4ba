// Estimates gradients without a model, from differences of losses that a device measures.
//
// Spall (IEEE Trans. Autom. Control 37, 332, 1992), eq. 2.2, with Δ of independent signs:
//   ĝ_k = (L(θ + c_t Δ) − L(θ − c_t Δ)) / (2 c_t Δ_k),  θ_{t+1} = θ_t − a_t ĝ(θ_t),
// and his gains (IEEE Trans. Aerosp. Electron. Syst. 34, 817, 1998): a_t = a/(A + t + 1)^0.602,
// c_t = c/(t + 1)^0.101. The estimate here is the same, in units of each control's range. The gains differ: c
// is constant
// (--probe), and the optimiser and schedule of the other methods replace a_t, so that methods differ in their
// gradients alone. This gives up the proof of convergence: a bias of O(c²) remains, while with a shrinking c
// the read-out noise of a device would grow in ĝ as 1/c.
#pragma once

#include "pnn/core/random.hpp"
#include "pnn/train/estimator.hpp"

namespace pnn::train {

/// The estimator. Its coordinates x are the controls in units of their range, followed by the digital
/// parameters.
class Differences {
 public:
  /// `probe`: the step c in these coordinates.
  Differences(Objective<float>& objective, double probe);

  /// Simultaneous perturbation: two losses at ±probe along a direction of random signs from `stream`,
  /// g_k = (L₊ − L₋) / (x₊ − x₋)_k. A control stops at the end of its range, so that x₊ − x₋ may be shorter
  /// than 2 probe. The mean over directions is the gradient up to second order in the probe. Fills the
  /// gradients of `buffers`, adds to `cost`, and returns the mean of both losses.
  network::Loss simultaneous(const Batch<float>& batch, const StepBuffers& buffers, const Stream& stream,
                             Cost& cost);
  /// Central differences with two losses for each parameter; one-sided for a control at an end of its range.
  network::Loss coordinates(const Batch<float>& batch, const StepBuffers& buffers, Cost& cost);

 private:
  /// The loss with controls_ and digital_ as they are.
  network::Loss loss(const Batch<float>& batch, const StepBuffers& buffers, bool moves_statistics,
                     Cost& cost);

  Objective<float>& objective_;
  double probe_;
  std::vector<float> unit_;           ///< range of each control
  std::vector<float> lower_, upper_;  ///< ends of the range; infinite for an angle
  std::vector<float> signs_, controls_, digital_, distance_;
};

}  // namespace pnn::train
