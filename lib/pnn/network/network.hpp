// A network as a sequence of layers, with sums over some of them: forward and backward pass over a batch, for
// given weight matrices of its physical layers. Where these matrices come from (a model, a perturbed model, a
// device) is up to the caller.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/words.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/network/task.hpp"
#include "pnn/platform/transmission.hpp"

namespace pnn::network {

/// A named part of a flat parameter vector.
struct Segment {
  std::string name;  ///< "batchnorm1/scale"
  std::string description;
  std::vector<std::size_t> shape;
  Index offset = 0, size = 0;
};

/// The digital parameters (trained) and the state (running statistics) of a network, as two flat vectors.
struct DigitalLayout {
  std::vector<Segment> trained;  ///< weight, bias, scale, shift, gain
  std::vector<Segment> state;    ///< mean, variance of each batchnorm
  Index trained_size = 0, state_size = 0;
};
DigitalLayout digital_layout(const Resolved& network);

/// Initial values: weights uniform within ±sqrt(3/fan_in), biases 0, batchnorm scale 1 and shift 0 (running
/// mean 0, variance 1), gains 2/sqrt(fan_in of the physical layer, platform::LayerPlan::fan_in).
void initialise_digital(const Resolved& network, std::uint64_t seed, std::span<float> trained,
                        std::span<float> state);

/// What a batchnorm normalises with.
enum class Statistics {
  batch_and_update,   ///< mean and variance of this batch; the running ones move towards them by 1/10
  batch_and_replace,  ///< those of this batch, which become the running ones (trimming a deployed chip)
  batch,              ///< those of this batch; the running ones stay as they are
  running,            ///< the running ones, as constants (evaluation)
  kept,  ///< those of this pass's last forward with batch statistics, as constants: what a deployed chip,
         ///< whose statistics were taken before it drifted, will do with a perturbed signal
};

/// The numbers that a pass reads. `weights[p]` [matrix_rows, matrix_cols] is the matrix of physical layer p
/// as its platform::TransferMap stores it.
template <class Real>
struct Parameters {
  std::span<const Matrix<Real>> weights;
  std::span<const Real> digital;
  std::span<Real> state;  ///< written only with Statistics::batch_and_update and batch_and_replace
  /// Empty, or for each physical layer its direct way through the map (then its matrix is not read, and no
  /// gradient of it is computed), or null for a layer that uses its matrix.
  std::span<const platform::DirectWay<Real>* const> ways = {};

  [[nodiscard]] const platform::DirectWay<Real>* way(std::size_t physical) const {
    return ways.empty() ? nullptr : ways[physical];
  }
};

/// Results of a backward pass (assigned, not added).
template <class Real>
struct Gradients {
  std::span<Matrix<Real>> weights;
  std::span<Real> digital;
  /// Compute also gradients by weights that no control changes; else they are 0.
  bool wants_uncontrolled = true;
};

/// Runs a physical layer elsewhere than in this process, for example on a device. Rows of `inputs` [n,
/// plan.inputs()] are signals (for a convolution: patches), rows of `outputs` [n, plan.outputs()] the values
/// behind the detectors.
class PhysicalRunner {
 public:
  virtual ~PhysicalRunner() = default;
  virtual void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) = 0;
};

/// Mean loss over the batch, and the number of correctly classified samples (0 for other tasks).
struct Loss {
  double mean = 0;
  Index correct = 0;
};

template <class Real>
class LayerOp;
template <class Real>
struct PassStep;

/// Activations and scratch memory of one batch, to be kept and reused: after construction it allocates
/// nothing but the pairs of a generator's loss. One caller at a time; inside, work is shared among threads in
/// fixed chunks.
template <class Real>
class Pass {
 public:
  Pass(const Resolved& network, Index max_batch);
  ~Pass();
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  /// inputs [n, features], n ≤ max_batch → outputs [n, outputs], valid until the next forward(). `inputs`
  /// must stay alive until backward() is done. `runner` (float only), if given, computes the physical layers.
  ConstMatrixView<Real> forward(ConstMatrixView<Real> inputs, const Parameters<Real>& parameters,
                                Statistics statistics, PhysicalRunner* runner = nullptr);
  /// Replaces the outputs of the last forward() by others [n, outputs], those of a device: the loss is then
  /// that of the device, and its gradient goes back through the model's own activations.
  void replace_outputs(ConstMatrixView<Real> outputs);
  /// The outputs [n, outputs] of the last forward().
  [[nodiscard]] ConstMatrixView<Real> outputs() const {
    return {outputs_.back().data(), batch_, sizes_.back()};
  }
  /// Inputs and outputs of physical layer `physical` in the last forward(), valid until the next one. Not
  /// available for convolutions, whose patches are not kept.
  [[nodiscard]] ConstMatrixView<Real> physical_input(std::size_t physical) const;
  [[nodiscard]] ConstMatrixView<Real> physical_output(std::size_t physical) const;
  /// After a forward() on a runner: whether the moduli of a layer's field are taken from what the runner
  /// detected, and only the phases from the model.
  void fuse_moduli(bool fused);
  /// From now on dropout leaves numbers out, by random numbers at this address (its `device` is the number of
  /// the batch's first sample), as in training; without one, as at first, it leaves out none.
  void set_drop(const std::optional<Stream>& stream);
  /// Loss of the last forward(). `labels` [n] are used for classify; `targets` are what outputs are compared
  /// with, row by row [n, outputs] for regress, as a distribution [m, outputs] for generate.
  /// `smoothing` of classify: the part of each label that is spread over all classes alike (Szegedy et al.,
  /// CVPR 2016).
  Loss loss(Task task, std::span<const std::int32_t> labels,
            ConstMatrixView<Real> targets = ConstMatrixView<Real>(nullptr, 0, 0), double smoothing = 0);
  /// Gradients of the mean loss of the last loss() call. After a forward() on a runner this is the
  /// physics-aware gradient: backward through the model, at the activations of the device.
  void backward(const Parameters<Real>& parameters, const Gradients<Real>& gradients);
  /// Gradients of another function of the layers' outputs: `output_gradient` [n, outputs] is its gradient by
  /// the outputs of the network, `by_physical_output` by those of each physical layer (empty: none).
  void backward_from(ConstMatrixView<Real> output_gradient, std::span<const Matrix<Real>> by_physical_output,
                     const Parameters<Real>& parameters, const Gradients<Real>& gradients);

 private:
  void propagate_back(std::span<const Matrix<Real>> by_physical_output, const Parameters<Real>& parameters,
                      const Gradients<Real>& gradients);

  std::vector<PassStep<Real>> ops_;    ///< of each layer, or of two that are one
  std::vector<int> physical_;          ///< for each op its number among the physical layers, or −1
  std::vector<Index> sizes_;           ///< size of each op's output
  std::vector<Matrix<Real>> outputs_;  ///< [max_batch, sizes_[k]]
  Matrix<Real> gradient_a_, gradient_b_;
  const Real* input_ = nullptr;
  Index input_size_, batch_ = 0;
};

}  // namespace pnn::network
