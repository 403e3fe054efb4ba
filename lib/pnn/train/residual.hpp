// What a device does beyond its model, learned while training: the residual maps of dual adaptive training
// (Zheng et al., Nat. Mach. Intell. 5, 1119, 2023; code THPCILab/DAT_MPNN, train.py and model.py). Theirs,
// for layer l with input x_l and model W_l, detected I(z) = |z|²/‖|z|²‖₂, device quantities with a hat:
//   z_l = W_l x_l + e_l(W_l x_l), e_l a complex convolutional network (the systematic error prediction
//   network); separable: Σ_l MSE(I(z_l at x̂_l), Î_l), a step of Adam for each l; unitary: Σ_l MSE(I(z_l),
//   Î_l) through the predicted chain; else MSE(output, device's output); then the task's loss at the device's
//   output, back through the predicted chain whose states are fused: z_l → |ẑ_l| exp(i arg z_l).
// Ours: the same three losses, the same fusion, and the residual maps first, then the task, on each batch. It
// differs where a fixed linear layer allows a simpler e: e_l(x) = E_l x, a matrix that acts on the layer's
// input (at fixed controls a linear layer has no other systematic error); the error is that of what the layer
// detects, over the mean square of what the device gave, in place of an error between normalised intensities;
// one step of Adam for all layers together; no separate last step on the output in the separable mode; and e
// takes part in the task's gradient from the first step, where the authors' code leaves it out for twenty
// epochs.
#pragma once

#include <vector>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/train/optimizer.hpp"

namespace pnn::train {

/// One matrix E a physical layer, of the shape of its stored weights W, so that W + E stands for the device:
/// at fixed controls a linear optical layer has no other systematic error. E follows the device by Adam on
/// the squared error of what W + E predicts, relative to the mean square of what the device gave.
class Residuals {
 public:
  /// `rate`: learning rate of Adam, in units of a matrix element.
  Residuals(std::vector<platform::LayerPlan> plans, double rate);

  /// From one batch of a layer: `inputs` [n, plan.inputs()] that the device had and `outputs`
  /// [n, plan.outputs()] that it gave, with the model's matrix. Fills gradient(layer).
  void measure(std::size_t layer, const Matrix<float>& model, ConstMatrixView<float> inputs,
               ConstMatrixView<float> outputs);
  /// ∂(error)/∂E of a layer, filled by measure or by whoever has it from elsewhere.
  [[nodiscard]] Matrix<float>& gradient(std::size_t layer) { return gradients_[layer]; }
  /// One step of Adam for all layers.
  void update();

  /// W + E, for every layer of `model`.
  void add_to(std::span<Matrix<float>> model) const;

  /// All E flat, and Adam's moments and step: belong to a checkpoint.
  [[nodiscard]] std::vector<float>& values() { return values_; }
  [[nodiscard]] Optimizer& optimizer() { return optimizer_; }
  [[nodiscard]] std::uint64_t& steps() { return steps_; }

 private:
  std::vector<platform::LayerPlan> plans_;
  double rate_;
  std::vector<std::size_t> offsets_;
  std::vector<float> values_, flat_gradient_;
  std::vector<Matrix<float>> gradients_;
  Optimizer optimizer_;
  std::uint64_t steps_ = 0;
};

}  // namespace pnn::train
