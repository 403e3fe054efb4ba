// How signals pass a layer in training: forward with given weights, and gradients back.
#pragma once

#include "pnn/core/product.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::platform {

/// A map that signals pass without its matrix, and the operating point.
template <class Real>
struct DirectWay {
  TransferMap<Real>* map = nullptr;
  OperatingPoint<Real> at = {};
  Pullback<Real>* gradient = nullptr;  ///< results of the backward pass
};

/// The forward and backward pass of one layer. Work is cut into chunks whose size depends only on the layer,
/// so that results do not depend on the number of threads. An object keeps what the backward pass needs of
/// the last forward pass: one caller at a time.
template <class Real>
class Transmission {
 public:
  virtual ~Transmission() = default;
  /// in [n, LayerPlan::inputs()] → out [n, LayerPlan::outputs()], with the weights as their map stores them.
  /// If `way` is not null, signals pass through the map itself and the weights are not read.
  virtual void forward(ConstMatrixView<Real> weights, const DirectWay<Real>* way, ConstMatrixView<Real> in,
                       MatrixView<Real> out) = 0;
  /// From the inputs, the outputs and ∂L/∂out, assigns ∂L/∂weights (with a `way`, the gradients of the
  /// controls instead) and ∂L/∂in unless that has no rows. `uncontrolled`: compute also the gradients by
  /// weights that no control changes; otherwise these are 0.
  virtual void backward(ConstMatrixView<Real> weights, const DirectWay<Real>* way, ConstMatrixView<Real> in,
                        ConstMatrixView<Real> out, ConstMatrixView<Real> out_gradient,
                        MatrixView<Real> in_gradient, MatrixView<Real> weight_gradient,
                        bool uncontrolled) = 0;
  /// Tells that the last forward pass ran on a device instead.
  virtual void ran_elsewhere() {}
  /// Whether, after ran_elsewhere(), the moduli of a field are taken from what the device detected, and only
  /// the phases from the model.
  virtual void fuse_moduli(bool) {}
};

/// The product y = W x of real numbers.
template <class Real>
class ProductTransmission final : public Transmission<Real> {
 public:
  void forward(ConstMatrixView<Real> weights, const DirectWay<Real>* way, ConstMatrixView<Real> in,
               MatrixView<Real> out) override;
  void backward(ConstMatrixView<Real> weights, const DirectWay<Real>* way, ConstMatrixView<Real> in,
                ConstMatrixView<Real> out, ConstMatrixView<Real> out_gradient, MatrixView<Real> in_gradient,
                MatrixView<Real> weight_gradient, bool uncontrolled) override;

 private:
  Panels<Real> panels_;  ///< the weights as the product at hand reads them
};

/// Samples in one chunk of a product, and columns in one chunk of a weight gradient, which therefore needs no
/// partial sums.
inline constexpr Index product_chunk = 64, column_chunk = 256;

}  // namespace pnn::platform
