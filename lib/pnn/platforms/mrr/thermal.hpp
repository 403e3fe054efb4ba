// Thermal crosstalk between the rings of one chip.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::platforms::mrr {

/// The entries of the crosstalk matrix X of two rings that are so many rows and columns apart, [rows, cols]:
/// χ exp(−(dist − 1)/ℓ) with the Euclidean distance in pitches, 0 for a ring itself and below `cutoff`.
Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff);

/// The product with 1 + X, which is symmetric, for a chip of rings (row, col): heat is taken row by row, and
/// what a row then has is given back. Rows act only on those within the cut-off, and two rows at equal
/// distance alike, so that they are added before; and as X depends on distances, sums of the two rings at
/// equal distance from the middle of a row act on sums alone, differences on differences: a sixth of the
/// terms of X for a chip of 16 × 8. A row of numbers is [col][width], of which the first `lanes` are used, a
/// whole number of packs. Used in this folder only.
template <class Real>
class HeatSpread {
 public:
  /// Rows that give() computes at once, where registers are enough.
  static constexpr Index together = vector_bytes == 64 ? 2 : 1;
  /// Nothing spreads: the product with 1.
  HeatSpread(Index rows, Index cols) : rows_(rows), cols_(cols) {}
  HeatSpread(Index rows, Index cols, double chi, double length, double cutoff);
  /// Number of values in the memory of what was taken.
  [[nodiscard]] Index size(Index width) const { return (rows_ + 2 * reach_) * cols_ * width; }
  /// Once, before anything is taken.
  void begin(Index width, Real* taken) const;
  void take(Index row, const Real* heat, Index width, Index lanes, Real* taken) const;
  /// out [row][col][width]: of rows `row` … row + together − 1, as many as there are.
  void give(Index row, const Real* taken, Index width, Index lanes, Real* out) const;

 private:
  template <int Rows, int Packs>
  void give_packs(const Real* taken, Index width, Real* out) const;

  Index rows_, cols_;
  Index even_ = 0, odd_ = 0;  ///< sums and differences in a row of the chip; none if nothing spreads
  Index reach_ = 0;           ///< rows to either side that a row acts on
  /// How rows that are so far away act on the sums and the differences of a row: [distance, sum, sum it acts
  /// on], [distance, difference, difference].
  std::vector<Real> sums_, differences_;
};

}  // namespace pnn::platforms::mrr
