// Gradients without a model: from losses alone, as a device gives them.
#pragma once

#include "pnn/core/random.hpp"
#include "pnn/train/estimator.hpp"

namespace pnn::train {

/// Coordinates are the controls in units of their range, then the digital parameters as they are.
class Differences {
 public:
  /// `probe`: the step in these coordinates.
  Differences(Objective<float>& objective, double probe);

  /// Simultaneous perturbation (Spall, IEEE Trans. Autom. Control 37, 332, 1992): two losses at ±probe along
  /// a direction of random signs of `stream`, g_k = (L₊ − L₋) / (2 probe sign_k). Its mean over directions is
  /// the gradient, to the third order of the probe.
  network::Loss simultaneous(const Batch<float>& batch, const StepBuffers& buffers, const Stream& stream,
                             Cost& cost);
  /// Central differences, two losses a parameter.
  network::Loss coordinates(const Batch<float>& batch, const StepBuffers& buffers, Cost& cost);

 private:
  /// The loss with controls_ and digital_ as they are.
  network::Loss loss(const Batch<float>& batch, const StepBuffers& buffers, bool moves_statistics,
                     Cost& cost);

  Objective<float>& objective_;
  double probe_;
  std::vector<float> unit_;  ///< range of each control
  std::vector<float> signs_, controls_, digital_;
};

}  // namespace pnn::train
