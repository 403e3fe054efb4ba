// The deviation of a device from its model, learned during training: the residual maps of dual adaptive
// training (Zheng et al., Nat. Mach. Intell. 5, 1119, 2023; code THPCILab/DAT_MPNN, train.py and model.py).
// The authors' method, for layer l with input x_l and model W_l, detected I(z) = |z|²/‖|z|²‖₂, quantities of
// the device with a hat:
//   z_l = W_l x_l + e_l(W_l x_l), e_l a complex convolutional network (the systematic error prediction
//   network); separable: Σ_l MSE(I(z_l at x̂_l), Î_l), a step of Adam for each l; unitary: Σ_l MSE(I(z_l),
//   Î_l) through the predicted chain; else MSE(output, device's output); then the task's loss at the device's
//   output, back through the predicted chain whose states are fused: z_l → |ẑ_l| exp(i arg z_l).
// Here: the same three losses and the same fusion; on each batch the residual maps are fitted first, then the
// task is trained. The differences: e_l(x) = E_l x is a matrix that acts on the layer's input, since at fixed
// controls a linear layer has no other systematic error; the error is that of the detected outputs relative
// to the mean square of the device's outputs, instead of one between normalised intensities; one step of Adam
// updates all layers together; the separable mode has no separate last step on the output; and e takes part
// in the task's gradient from the first step, while the authors' code leaves it out for twenty epochs.
#pragma once

#include <array>
#include <vector>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/train/optimizer.hpp"

namespace pnn::train {

/// The measurements to which residual maps are fitted.
enum class ResidualStates {
  separable,  ///< the input and output of each layer on the device
  unitary,    ///< the outputs of all layers, predicted by the whole chain
  output,     ///< only the output of the network
};
constexpr auto words_of(ResidualStates) {
  using enum ResidualStates;
  return std::to_array<Word<ResidualStates>>(
      {{separable, "separable", "each layer's own input and output"},
       {unitary, "unitary", "all outputs, through the predicted chain"},
       {output, "output", "the network's output alone"}});
}

/// One matrix E for each physical layer, of the shape of its stored weights W, so that W + E describes the
/// device. E is fitted by Adam to the squared error of the outputs that W + E predicts, relative to the mean
/// square of the device's outputs.
class Residuals {
 public:
  /// `rate`: learning rate of Adam, in units of a matrix element. E starts at 0.
  Residuals(std::vector<platform::AnyPlan> plans, double rate);

  /// Computes gradient(layer) from one batch: `inputs` [n, plan.inputs()] and `outputs` [n, plan.outputs()]
  /// of the device, and `model`, the model's matrix.
  void measure(std::size_t layer, const Matrix<float>& model, ConstMatrixView<float> inputs,
               ConstMatrixView<float> outputs);
  /// ∂(error)/∂E of a layer, as measure() or the caller has set it.
  [[nodiscard]] Matrix<float>& gradient(std::size_t layer) { return gradients_[layer]; }
  /// Takes one step of Adam for all layers.
  void update();

  /// Adds E to the matrix of every layer.
  void add_to(std::span<Matrix<float>> model) const;

  /// All E as one flat vector, and the optimiser with its number of steps. Part of a checkpoint.
  [[nodiscard]] std::vector<float>& values() { return values_; }
  [[nodiscard]] Optimizer& optimizer() { return optimizer_; }
  [[nodiscard]] std::uint64_t& steps() { return steps_; }

 private:
  std::vector<platform::AnyPlan> plans_;
  double rate_;
  std::vector<std::size_t> offsets_;
  std::vector<float> values_, flat_gradient_;
  std::vector<Matrix<float>> gradients_;
  Optimizer optimizer_;
  std::uint64_t steps_ = 0;
};

}  // namespace pnn::train
