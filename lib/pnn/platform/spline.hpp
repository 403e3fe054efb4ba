// Natural cubic splines through the samples of tuning curves, one a ring, when no formula is known.
#pragma once

#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// Value and derivatives by detuning (a nm, a nm²).
struct SplineValue {
  double value, first, second;
};

/// All rings have the same number of knots. Outside its knots a curve is constant (its slope jumps there).
class CubicSplines {
 public:
  CubicSplines() = default;
  /// detuning_nm, weight: [ring, knot], at least two knots a ring, detunings ascending. Throws UsageError.
  void assign(const Array<double>& detuning_nm, const Array<double>& weight);

  [[nodiscard]] SplineValue at(Index ring, double detuning_nm) const;
  /// Appends the detunings in [low, high] at which ring `ring` has the value `weight`.
  void roots(Index ring, double weight, double low, double high, std::vector<double>& out) const;
  /// Appends the detunings in [low, high] at which it has an extremum or a knot.
  void candidates(Index ring, double low, double high, std::vector<double>& out) const;

 private:
  [[nodiscard]] Index segment(Index ring, double detuning_nm) const;
  /// Points inside segment `k` where the slope vanishes; returns how many (0, 1 or 2), ascending.
  int turning_points(Index ring, Index k, double out[2]) const;

  Index knots_ = 0;
  std::vector<double> x_, y_, second_;  ///< [ring, knot]; second_ is the second derivative at the knots
  std::vector<double> work_;
};

}  // namespace pnn::platform
