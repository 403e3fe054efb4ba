// The discrete Fourier transform of sixteen signals side by side, for propagation through free space. Factors
// are computed once for each length, nothing is allocated, and the bits do not depend on the vector width.
//
//   X_k = Σ_j x_j exp(−2πi jk/n), without a factor; backward: exp(+2πi jk/n), which is n times the inverse
//
// It uses the self-sorting algorithm of Stockham in steps of four (C. Van Loan, Computational Frameworks for
// the Fast Fourier Transform, SIAM 1992, chapter 1), with one step of two if the length requires it. Error: a
// few units in the last place of the largest |X|, growing as log n. Tested by
// tests/platforms/d2nn/fourier.cpp.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::platforms::d2nn {

/// The transform of one length.
template <class Real>
class Fourier {
 public:
  /// Number of values in one tile: the real parts [length, lane_block], then the imaginary parts.
  [[nodiscard]] Index tile_size() const { return 2 * length_ * lane_block; }
  [[nodiscard]] Index length() const { return length_; }

  /// Throws UsageError unless `length` is a power of two from 2 to 2^24.
  explicit Fourier(Index length);

  /// Transforms the tile [2, length, lane_block] along its length, in place. `scratch` is another tile, whose
  /// contents are lost.
  void forward(Real* tile, Real* scratch) const;
  void backward(Real* tile, Real* scratch) const;

 private:
  void transform(Real* re, Real* im, Real* scratch_re, Real* scratch_im) const;

  Index length_;
  std::vector<Real> cosine_, sine_;  ///< exp(−2πi k/length), k = 0 … length − 1
};

}  // namespace pnn::platforms::d2nn
