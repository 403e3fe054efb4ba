// Fits a smoothing cubic spline with fixed knots, for tuning curves that no formula describes.
#pragma once

#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mrr::lab {

/// The result of a fit.
struct SplineFit {
  std::vector<double> knots, values;   ///< in rising order; the natural cubic spline passes through them
  double rms = 0;                      ///< of the residuals
  double degrees_of_freedom = 0;       ///< effective number of parameters, from 2 to the number of knots
  std::vector<double> left, leverage;  ///< [sample] fitted minus measured, and ∂fitted/∂measured
};

/// Fits a natural cubic spline S with `knots` equidistant knots over the range of `x`, minimising |y − S(x)|²
/// + λ∫S''² with λ by generalised cross validation (Craven and Wahba, Numer. Math. 31, 377, 1979; matrices of
/// the natural spline as in Green and Silverman, Nonparametric Regression, section 2.1). `x` may have any
/// order and repeated values. Throws InternalError for fewer than 4 samples or knots, unequal lengths, or if
/// all `x` are equal.
SplineFit fit_spline(std::span<const double> x, std::span<const double> y, int knots);

}  // namespace pnn::platforms::mrr::lab
