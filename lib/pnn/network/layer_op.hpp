// What each layer does to a batch, and how gradients come back; one implementation a file.
#pragma once

#include "pnn/core/chunks.hpp"
#include "pnn/network/network.hpp"

namespace pnn::network {

/// How batches are cut; nothing else decides it, so results are the same for any number of threads.
inline constexpr Index sample_chunk = 16;   ///< samples of elementwise work
inline constexpr Index product_chunk = 64;  ///< samples of one product
inline constexpr Index column_chunk =
    256;  ///< columns of one weight-gradient product: no partial sums to add

/// One layer's forward and backward. Row n of every matrix is sample n. Work is cut in chunks whose
/// size depends on nothing but the layer, so results are the same for any number of threads.
template <class Real>
class LayerOp {
 public:
  virtual ~LayerOp() = default;
  virtual void forward(ConstMatrixView<Real> in, MatrixView<Real> out, const Parameters<Real>& parameters,
                       Statistics statistics) = 0;
  /// `in_gradient` has no rows when it is not wanted (the first layer).
  virtual void backward(ConstMatrixView<Real> in, ConstMatrixView<Real> out,
                        ConstMatrixView<Real> out_gradient, MatrixView<Real> in_gradient,
                        const Parameters<Real>& parameters, const Gradients<Real>& gradients) = 0;
  /// The same forward with the products done by `runner`; only physical layers have one.
  virtual void forward_on(PhysicalRunner& runner, ConstMatrixView<float> in, MatrixView<float> out);
  /// See Pass::fuse_moduli; only detectors have moduli.
  virtual void fuse_moduli(bool) {}
};

/// Where a layer finds its digital parameters; −1 for what it has not.
struct Offsets {
  Index first = -1;   ///< weight, scale or gain
  Index second = -1;  ///< bias or shift
  Index mean = -1, variance = -1;
};

/// The one that its kind says, for batches of up to `max_batch` samples.
template <class Real>
std::unique_ptr<LayerOp<Real>> make_layer(const Layer& layer, const Offsets& offsets, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_linear(const Layer& layer, const Offsets& offsets);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_convolution(const Layer& layer, const Offsets& offsets, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_batchnorm(const Layer& layer, const Offsets& offsets, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_gain(const Layer& layer, const Offsets& offsets, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_mesh(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_diffractive(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_electro_optic();
template <class Real>
std::unique_ptr<LayerOp<Real>> make_normalize(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_keep(const Layer& layer);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_maxpool(const Layer& layer, Index max_batch);
template <class Real>
std::unique_ptr<LayerOp<Real>> make_activation(const Layer& layer);

}  // namespace pnn::network
