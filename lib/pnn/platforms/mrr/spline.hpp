// Natural cubic splines through the knots of tuning curves, one for each ring, for curves that no formula
// describes.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mrr {

/// Value, and derivatives by detuning (per nm, per nm²).
struct SplineValue {
  double value, first, second;
};

/// The splines of all rings, with the same number of knots. Outside its knots a curve is constant (its slope
/// jumps there).
class CubicSplines {
 public:
  CubicSplines() = default;
  /// Takes detunings (nm, in rising order) and weights, [ring, knot], with at least two knots for each ring.
  /// Throws UsageError otherwise.
  void assign(const Array<double>& detuning_nm, const Array<double>& weight);

  [[nodiscard]] SplineValue at(Index ring, double detuning_nm) const;
  /// Appends the detunings in [low, high] where the curve of `ring` has the value `weight`.
  void roots(Index ring, double weight, double low, double high, std::vector<double>& out) const;
  /// Appends the detunings in [low, high] of its extrema and knots.
  void candidates(Index ring, double low, double high, std::vector<double>& out) const;

 private:
  [[nodiscard]] Index segment(Index ring, double detuning_nm) const;
  /// Points within segment `k` where the slope is 0, in rising order; returns their number (0, 1 or 2).
  int turning_points(Index ring, Index k, double out[2]) const;

  Index knots_ = 0;
  std::vector<double> x_, y_, second_;  ///< [ring, knot]; second_ is the second derivative at the knots
  std::vector<double> work_;
};

}  // namespace pnn::platforms::mrr
