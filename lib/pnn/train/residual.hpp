// What a device does beyond its model, learned while training: the residual maps of dual adaptive training
// (Zheng et al., Nat. Mach. Intell. 5, 1119, 2023).
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
