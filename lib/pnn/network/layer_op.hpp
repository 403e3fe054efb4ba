// The operation of each kind of layer on a batch, and its gradients. Each kind has a source file of its own.
#pragma once

#include "pnn/core/chunks.hpp"
#include "pnn/network/network.hpp"

namespace pnn::network {

/// Number of samples in one chunk of elementwise work. The cut depends on nothing else, so that results are
/// the same for any number of threads.
inline constexpr Index sample_chunk = 16;

/// The forward and backward pass of one layer. Row n of every matrix is sample n. Work is cut into chunks
/// whose size depends only on the layer, so that results are the same for any number of threads.
template <class Real>
class LayerOp {
 public:
  virtual ~LayerOp() = default;
  virtual void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& parameters,
                       Statistics statistics) = 0;
  /// `in_gradient` has no rows if it is not needed (the first layer).
  virtual void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out,
                        ConstMatrixView<Real> out_gradient, MatrixView<Real> in_gradient,
                        const Parameters<Real>& parameters, const Gradients<Real>& gradients) = 0;
  /// The forward pass with products computed by `runner`; physical layers only.
  virtual void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out);
  /// See Pass::fuse_moduli; only layers with detectors do something.
  virtual void fuse_moduli(bool) {}
  /// See Pass::set_drop; only dropout does something.
  virtual void set_drop(const std::optional<Stream>&) {}
  /// Sums alone: what the next forward() adds to its input, a row a sample; and, on the way back, the
  /// addition of its share of the gradient to `gradient`.
  virtual void set_other(ConstMatrixView<Real>) {}
  virtual void add_to_other(ConstMatrixView<Real>, MatrixView<Real>) {}
};

/// Offsets of the digital parameters of a layer in the flat vectors; −1 for a parameter that it does not
/// have.
struct Offsets {
  Index first = -1;   ///< weight, scale or gain
  Index second = -1;  ///< bias or shift
  Index mean = -1, variance = -1;
};

/// Makes the operation of a layer other than add and dropout, for batches of up to `max_batch` samples.
/// `rectified`: together with that of the ReLU that follows it (batch normalisation alone).
template <class Real>
std::unique_ptr<LayerOp<Real>> make_layer(const Layer& layer, const Offsets& offsets, Index max_batch,
                                          bool rectified = false);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_dense(const Layer& layer, const Offsets& offsets);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_convolution(const Layer& layer, const Offsets& offsets, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_batchnorm(const Layer& layer, const Offsets& offsets, Index max_batch,
                                              bool rectified);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_gain(const Layer& layer, const Offsets& offsets, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_physical(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_electro_optic();
template <class Real>
std::unique_ptr<LayerOp<Real>> make_normalize(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_keep(const Layer& layer);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_maxpool(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_avgpool(const Layer& layer);
/// `number`: of the layer, for its random numbers.
template <class Real>
std::unique_ptr<LayerOp<Real>> make_dropout(const Layer& layer, Index number, Index max_batch);
/// `other`: the shape of what is added.
template <class Real>
std::unique_ptr<LayerOp<Real>> make_sum(const Layer& layer, const Shape& other);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_activation(const Layer& layer);

}  // namespace pnn::network
