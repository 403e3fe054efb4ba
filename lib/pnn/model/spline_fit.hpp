// Smoothing cubic spline with fixed knots: for tuning curves that no formula describes.
#pragma once

#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::model {

struct SplineFit {
  std::vector<double> knots, values;  ///< ascending; natural cubic through them
  double rms = 0;                     ///< of the residuals
  double degrees_of_freedom = 0;      ///< effective number of parameters, 2 … knots
};

/// Natural cubic spline on `knots` equidistant knots over the range of `x`, minimising |y − S(x)|² + λ∫S''²
/// with λ by generalised cross validation (Craven and Wahba, Numer. Math. 31, 377, 1979; matrices of the
/// natural spline as in Green and Silverman, Nonparametric Regression, section 2.1). `x` in any order, values
/// may repeat. Throws InternalError on fewer than 4 samples or knots, unequal lengths, or an `x` without
/// range.
SplineFit fit_spline(std::span<const double> x, std::span<const double> y, int knots);

}  // namespace pnn::model
