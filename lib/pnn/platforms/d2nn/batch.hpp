// A batch of signals through a diffractive network: numbers to light, light through the masks (stack.hpp),
// light to numbers, and gradients back.
//
//   y_r = (I_r / area of region r) / (lit pixels / all pixels)
//
// so that y is the mean irradiance of region r, relative to that of a picture of ones whose light spreads
// evenly over the plane. Input (plan.hpp) defines the light of a picture. Tested by
// tests/platforms/d2nn/batch.cpp.
#pragma once

#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platforms/d2nn/stack.hpp"

namespace pnn::platforms::d2nn {

/// Work is cut into chunks of samples of a fixed size: the same bits for any number of threads. After
/// construction nothing is allocated, except for gradients by z. One caller at a time.
template <class Real>
class Batch {
 public:
  /// The fields of up to `kept` samples are kept from forward() for pullback(); those of the others are
  /// computed again, with the same bits. Throws UsageError if check_plan complains.
  Batch(const Plan& plan, Index max_batch, Index kept);
  /// The number of samples, up to `max_batch`, whose fields take half a GiB.
  [[nodiscard]] static Index worth_keeping(const Plan& plan, Index max_batch);

  /// W [masks, 2 · pixels + 1] of Masks and signals [n, rows · cols] → outputs [n, out], n ≤ max_batch.
  void forward(ConstMatrixView<Real> weights, ConstMatrixView<Real> signals, MatrixView<Real> outputs);
  /// Tells that the next pullback() does not follow a forward() with the same weights and signals.
  void forget() { fresh_ = false; }
  /// From ∂L/∂outputs [n, out], assigns ∂L/∂W (its last column is 0 unless wanted), and ∂L/∂signals [n, rows
  /// · cols] unless that has no rows.
  void pullback(ConstMatrixView<Real> weights, ConstMatrixView<Real> signals,
                ConstMatrixView<Real> by_outputs, MatrixView<Real> by_weights, MatrixView<Real> by_signals,
                AxialGradient axial);

 private:
  /// Memory of one chunk of samples.
  struct Chunked {
    typename Stack<Real>::Scratch scratch;
    std::vector<Real> entry, by_entry, fields, intensities;
    Matrix<Real> by_weights;
  };

  void encode(std::span<const Real> signal, std::span<Real> field) const;
  void decode_gradient(std::span<const Real> signal, std::span<const Real> by_field,
                       std::span<Real> by_signal) const;
  [[nodiscard]] std::span<Real> fields_of(Index sample, Chunked& chunk);
  template <class Body>
  void for_each_number(const Body& body) const;

  Stack<Real> stack_;
  std::vector<Real> unit_;  ///< y_r / I_r
  Index kept_;
  bool fresh_ = false;
  std::vector<Real> kept_fields_;  ///< [kept, masks + 1, 2, height, width]
  std::vector<Chunked> chunks_;
};

}  // namespace pnn::platforms::d2nn
