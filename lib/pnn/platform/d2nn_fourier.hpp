// The discrete Fourier transform of sixteen signals side by side, for propagation through free space: its
// factors are made once a length, it allocates nothing, and its bits do not depend on the vector width.
//
//   X_k = Σ_j x_j exp(−2πi jk/n),   no factor in front; back: exp(+2πi jk/n), n times the inverse
//
// by the self-sorting algorithm of Stockham in steps of four (C. Van Loan, Computational Frameworks for the
// Fast Fourier Transform, SIAM 1992, chapter 1), of two once where the length asks for it. Error: a few
// units of the last place of the largest |X|, growing as log n. Pinned by tests/platform/d2nn_fourier.cpp.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::platform {

template <class Real>
class Fourier {
 public:
  /// Values of one tile: the real and the imaginary parts [length, lane_block] after each other.
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

}  // namespace pnn::platform
