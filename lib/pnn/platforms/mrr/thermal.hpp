// Thermal crosstalk between the rings of one chip.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mrr {

/// The entries of the crosstalk matrix X of two rings that are so many rows and columns apart, [rows, cols]:
/// χ exp(−(dist − 1)/ℓ) with the Euclidean distance in pitches, 0 for a ring itself and below `cutoff`.
Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff);

/// The product with X for a chip whose rings (row, col) are numbered row·cols + col. Rows of the chip act
/// only on those within the cut-off, and two rows at equal distance alike, so that they are added before; and
/// as X depends on distances, sums of the two rings at equal distance from the middle of a row act on sums
/// alone, differences on differences: a sixth of the terms of X for a chip of 16 × 8. Used in this folder
/// only.
template <class Real>
class HeatSpread {
 public:
  /// Nothing spreads.
  HeatSpread() = default;
  HeatSpread(Index rows, Index cols, double chi, double length, double cutoff);
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  /// Number of values that `scratch` of apply() has.
  [[nodiscard]] Index scratch(Index step) const { return rows_ * cols_ * step; }
  /// out = X heat, both [ring][step], of which `lanes` are used, a whole number of packs.
  void apply(const Real* heat, Index step, Index lanes, Real* scratch, Real* out) const;

 private:
  template <int Packs>
  void spread_row(const Real* parts, Index row, Index step, Real* out) const;

  Index rows_ = 0, cols_ = 0;
  Index even_ = 0, odd_ = 0;  ///< sums and differences in a row of the chip
  Index reach_ = 0;           ///< rows to either side that a row acts on
  /// How rows that are so far away act on the sums and the differences of a row: [sum, distance, sum],
  /// [difference, distance, difference].
  std::vector<Real> sums_, differences_;
};

}  // namespace pnn::platforms::mrr
