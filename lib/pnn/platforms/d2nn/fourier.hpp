// The discrete Fourier transform of sixteen signals side by side, for propagation through free space. Factors
// are computed once for each length, nothing is allocated, and the bits do not depend on the vector width.
//
//   forward:   X_k = Σ_j x_j exp(−2πi j(k + part/parts)/n),   j, k = 0 … n − 1
//   backward:  x_j = Σ_k X_k exp(+2πi j(k + part/parts)/n),   its adjoint
//
// without a factor. A signal of n points behind which (parts − 1)·n zeros stand has parts·n frequencies, of
// which this is each parts-th one from `part` on: its zeros are never touched, and the sum of backward() over
// all parts is the first n points of parts·n times the inverse. Of one part, it is the plain transform.
//
// It uses the self-sorting algorithm of Stockham (C. Van Loan, Computational Frameworks for the Fast Fourier
// Transform, SIAM 1992, chapters 1 and 2) in steps of 8, 7, 5, 4, 3 and 2 points: forward with decimation in
// time, backward with decimation in frequency, so that fractions of a frequency are in the factors of each
// step and cost nothing. Error: a few units in the last place of the largest |X|, growing as log n. Tested by
// tests/platforms/d2nn/fourier.cpp.
#pragma once

#include <algorithm>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::platforms::d2nn {

/// The smallest number from `least` (1 or more) on that has no prime factors but 2, 3, 5 and 7.
Index good_length(Index least);

/// Rows that are left free between real and imaginary parts in one memory: if these lay a power of two apart,
/// the lines that a step works on would share a few places of a cache.
inline constexpr Index free_rows = 16;

/// Distance from the real parts [length, lane_block] to the imaginary parts.
inline Index half_tile(Index length) {
  return (length + free_rows) * lane_block;
}

/// Real and imaginary parts, [length, lane_block] each.
template <class Real>
struct Signals {
  Real *re, *im;
  operator Signals<const Real>() const { return {re, im}; }  // NOLINT(google-explicit-constructor)
};

/// Sixteen signals in one memory of 2 · half_tile(length) values.
template <class Real>
Signals<Real> signals_in(Real* memory, Index length) {
  return {memory, memory + half_tile(length)};
}

/// Whether spectra are multiplied by a response, or by its complex conjugate.
enum class Times { nothing, response, conjugate };

/// What sixteen spectra are multiplied by as they are written: frequency k by the response at the number
/// first + step · k of a period, which is the same at the numbers n and period − n.
template <class Real>
struct Response {
  Times times = Times::nothing;
  const Real* values = nullptr;  ///< [period / 2 + 1, 2, lane_block]: real parts, then imaginary parts
  Index first = 0, step = 1, period = 0;

  /// The real parts [lane_block] at a number, behind which the imaginary parts lie.
  [[nodiscard]] const Real* at(Index number) const {
    return values + 2 * lane_block * std::min(number, period - number);
  }
};

/// The transform of one length.
template <class Real>
class Fourier {
 public:
  /// Number of values of sixteen signals in one memory: the real parts, then the imaginary parts.
  [[nodiscard]] Index tile_size() const { return 2 * half_tile(length_); }
  [[nodiscard]] Index length() const { return length_; }

  /// Throws UsageError unless `length` is a good one up to 2^24, and 0 ≤ part < parts ≤ 2^24.
  explicit Fourier(Index length, Index part = 0, Index parts = 1);

  /// Transforms `from` to `to`, which is other memory, and multiplies by a response. `scratch` [tile_size()]
  /// is lost.
  void forward(Signals<const Real> from, Signals<Real> to, Real* scratch,
               const Response<Real>& response = {}) const;
  /// Writes the transform of `from`, plus `added` unless that has no memory, to `to`. `from` and `scratch`
  /// are lost; `added` may be `to`, and `from` neither.
  void backward(Signals<Real> from, Signals<Real> to, Real* scratch,
                Signals<const Real> added = {nullptr, nullptr}) const;

 private:
  /// Transforms of `apart` points, or of radix · apart: `stride` signals lie point beside point.
  struct Step {
    Index radix, apart, stride;
    bool turns;                 ///< false: all factors are 1
    std::vector<Real> factors;  ///< [apart, radix − 1, 2]: exp(−2πi t(p + part/parts)/(radix · apart)), t > 0
  };

  Index length_;
  std::vector<Step> steps_;
};

}  // namespace pnn::platforms::d2nn
