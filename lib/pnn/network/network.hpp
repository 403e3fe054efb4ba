// A network as a sequence of layers: forward and backward over a batch, given the weight matrices of
// its physical layers. Where those come from (a model, a perturbed model, a device) is not its business.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::network {

/// A named stretch of a flat parameter vector.
struct Segment {
  std::string name;  ///< "batchnorm1/scale"
  std::string description;
  std::vector<std::size_t> shape;
  Index offset = 0, size = 0;
};

/// The digital parameters (trained) and state (running statistics) of a network, as flat vectors.
struct DigitalLayout {
  std::vector<Segment> trained;  ///< weight, bias, scale, shift, gain
  std::vector<Segment> state;    ///< mean, variance of each batchnorm
  Index trained_size = 0, state_size = 0;
};
DigitalLayout digital_layout(const Resolved& network);

/// Values to start from: weights uniform within ±sqrt(3/fan_in), biases 0, batchnorm 1 and 0 (running mean 0,
/// variance 1), gain 2/sqrt(fan_in of its physical layer),
/// where a diffractive layer counts as 1: its outputs do not grow with its size.
void initialise_digital(const Resolved& network, std::uint64_t seed, std::span<float> trained,
                        std::span<float> state);

/// What a batchnorm normalises with.
enum class Statistics {
  batch_and_update,   ///< this batch's mean and variance; running ones move towards them by 1/10
  batch_and_replace,  ///< this batch's, which become the running ones (trimming a deployed chip)
  batch,              ///< this batch's, running ones untouched
  running,            ///< the running ones, as constants: evaluation
  kept,  ///< those of this pass's last forward with batch statistics, as constants: what a deployed chip,
         ///< whose statistics were taken before it drifted, will do with a perturbed signal
};

/// Takes a batch through a physical layer, and gradients back, without its matrix. A signal is complex, its
/// real parts before its imaginary ones; the gradient by the layer's controls stays with the route.
template <class Real>
class SignalRoute {
 public:
  virtual ~SignalRoute() = default;
  virtual void forward(ConstMatrixView<Real> in, MatrixView<Real> out) = 0;
  /// `out` is what forward gave for `in`; `in_gradient` has no rows where it is not wanted.
  virtual void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out,
                        ConstMatrixView<Real> out_gradient, MatrixView<Real> in_gradient) = 0;
};

/// The numbers that a pass reads. `weights[p]` is [matrix_rows, matrix_cols] of physical layer p, as
/// its platform::TransferMap stores them.
template <class Real>
struct Parameters {
  std::span<const Matrix<Real>> weights;
  std::span<const Real> digital;
  std::span<Real> state;  ///< written only with Statistics::batch_and_update
  /// Empty, or a layer's route in place of its matrix, which is not read then nor its gradient filled; null
  /// for layers that have none.
  std::span<SignalRoute<Real>* const> routes = {};

  [[nodiscard]] SignalRoute<Real>* route(std::size_t physical) const {
    return routes.empty() ? nullptr : routes[physical];
  }
};

/// What a backward pass fills (assigned, not added).
template <class Real>
struct Gradients {
  std::span<Matrix<Real>> weights;
  std::span<Real> digital;
  bool wants_uncontrolled = true;  ///< also by weights that no control moves (places of masks), else 0 there
};

/// Runs a physical layer somewhere else than in this process: rows of `inputs` [n, plan.inputs()] are signals
/// (patches, for a convolution), rows of `outputs` [n, plan.outputs()] what the detectors gave.
class PhysicalRunner {
 public:
  virtual ~PhysicalRunner() = default;
  virtual void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) = 0;
};

enum class Task {
  classify,     ///< cross-entropy on the outputs as logits
  reconstruct,  ///< mean squared error to the network's own input
  generate,     ///< energy distance of the outputs to pictures of a data set, the inputs being latent vectors
};

/// Mean loss over the batch, and how many were classified rightly (0 for other tasks).
struct Loss {
  double mean = 0;
  Index correct = 0;
};

template <class Real>
class LayerOp;

/// Activations and scratch of one batch; keep it and reuse it, nothing is allocated after construction (but
/// the pairs of a generator's loss).
/// Not for two threads at once; inside, the work is shared among threads in fixed chunks.
template <class Real>
class Pass {
 public:
  Pass(const Resolved& network, Index max_batch);
  ~Pass();
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  /// inputs [n, features], n ≤ max_batch → outputs [n, outputs], valid until the next forward.
  /// `inputs` must stay alive until backward is done. `runner` (float only), if given, does the physical
  /// products.
  ConstMatrixView<Real> forward(ConstMatrixView<Real> inputs, const Parameters<Real>& parameters,
                                Statistics statistics, PhysicalRunner* runner = nullptr);
  /// Puts other outputs [n, outputs] in place of those of the last forward: what a device gave, to be
  /// compared with the targets and sent back through the model's own activations.
  void replace_outputs(ConstMatrixView<Real> outputs);
  /// The outputs [n, outputs] of the last forward.
  [[nodiscard]] ConstMatrixView<Real> outputs() const {
    return {outputs_.back().data(), batch_, sizes_.back()};
  }
  /// What entered and left physical layer `physical` in the last forward (patches of a convolution are not
  /// kept: mrr-conv has none). Valid until the next forward.
  [[nodiscard]] ConstMatrixView<Real> physical_input(std::size_t physical) const;
  [[nodiscard]] ConstMatrixView<Real> physical_output(std::size_t physical) const;
  /// After a forward pass on a runner: take the moduli of a mesh's field from what the runner detected, and
  /// only the phases from the model.
  void fuse_moduli(bool fused);
  /// Loss of the last forward. Labels [n] for classify, pictures [m, outputs] for generate, else unused.
  Loss loss(Task task, std::span<const std::int32_t> labels,
            ConstMatrixView<Real> pictures = ConstMatrixView<Real>(nullptr, 0, 0));
  /// Gradients of the mean loss of the last loss() call. After a forward pass on a runner this is the
  /// physics-aware gradient: back through the model, at the activations that the device gave.
  void backward(const Parameters<Real>& parameters, const Gradients<Real>& gradients);
  /// Gradients of another function of what the layers gave: `output_gradient` [n, outputs] by the outputs,
  /// and by the outputs of each physical layer (empty: none).
  void backward_from(ConstMatrixView<Real> output_gradient, std::span<const Matrix<Real>> by_physical_output,
                     const Parameters<Real>& parameters, const Gradients<Real>& gradients);

 private:
  void propagate_back(std::span<const Matrix<Real>> by_physical_output, const Parameters<Real>& parameters,
                      const Gradients<Real>& gradients);

  std::vector<std::unique_ptr<LayerOp<Real>>> ops_;
  std::vector<int> physical_;          ///< number of the physical layer, −1 for the others
  std::vector<Index> sizes_;           ///< of each layer's output
  std::vector<Matrix<Real>> outputs_;  ///< [max_batch, sizes_[k]]
  Matrix<Real> gradient_a_, gradient_b_;
  const Real* input_ = nullptr;
  Index input_size_, batch_ = 0;
};

}  // namespace pnn::network
