// A batch of signals through a diffractive network: numbers to light, light through the masks
// (d2nn_stack.hpp), light to numbers, and gradients back.
//
//   y_r = (I_r / area of region r) / (lit pixels / all pixels)
//
// so that y is the mean irradiance of a region in units of what a picture of ones would give if its light
// spread evenly over the plane. Light of a picture is what D2nnInput says. Pinned by
// tests/platform/d2nn_batch.cpp.
#pragma once

#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/d2nn_stack.hpp"

namespace pnn::platform {

/// Work is cut in chunks of samples of a fixed size: the same bytes for any number of threads. Nothing is
/// allocated after construction, but for what gradients by z need. Not for two callers at once.
template <class Real>
class D2nnBatch {
 public:
  /// Fields of up to `kept` samples are kept from forward() for pullback(); those of the others are computed
  /// again, with the same bytes. Throws UsageError where check_plan complains.
  D2nnBatch(const D2nnPlan& plan, Index max_batch, Index kept);
  /// As many of `max_batch` samples as fields of half a GiB hold.
  [[nodiscard]] static Index worth_keeping(const D2nnPlan& plan, Index max_batch);

  /// W [masks, 2 · pixels + 1] of D2nnMasks, signals [n, rows · cols] → outputs [n, out], n ≤ max_batch.
  void forward(ConstMatrixView<Real> weights, ConstMatrixView<Real> signals, MatrixView<Real> outputs);
  /// Says that the next pullback() does not follow a forward() of the same weights and signals.
  void forget() { fresh_ = false; }
  /// ∂L/∂outputs [n, out] → assigns ∂L/∂W (last column 0 unless wanted), and ∂L/∂signals [n, rows · cols]
  /// unless that has no rows.
  void pullback(ConstMatrixView<Real> weights, ConstMatrixView<Real> signals,
                ConstMatrixView<Real> by_outputs, MatrixView<Real> by_weights, MatrixView<Real> by_signals,
                AxialGradient axial);

 private:
  /// What a chunk of samples needs for itself.
  struct Chunked {
    typename D2nnStack<Real>::Scratch scratch;
    std::vector<Real> entry, by_entry, fields, intensities;
    Matrix<Real> by_weights;
  };

  void encode(std::span<const Real> signal, std::span<Real> field) const;
  void decode_gradient(std::span<const Real> signal, std::span<const Real> by_field,
                       std::span<Real> by_signal) const;
  [[nodiscard]] std::span<Real> fields_of(Index sample, Chunked& chunk);
  template <class Body>
  void for_each_number(const Body& body) const;

  D2nnStack<Real> stack_;
  std::vector<Real> unit_;  ///< y_r / I_r
  Index kept_;
  bool fresh_ = false;
  std::vector<Real> kept_fields_;  ///< [kept, masks + 1, 2, height, width]
  std::vector<Chunked> chunks_;
};

}  // namespace pnn::platform
