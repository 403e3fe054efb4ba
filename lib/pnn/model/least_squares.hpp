// Nonlinear least squares by the Levenberg-Marquardt method (in the form of MINPACK that Eigen contains:
// Moré, in Numerical Analysis, Lecture Notes in Mathematics 630, 105, 1978), with uncertainties of the
// parameters.
#pragma once

#include <functional>

#include "pnn/core/matrix.hpp"

namespace pnn::model {

/// Minimise |f(p)|² over p. Both functions are pure.
struct LeastSquaresProblem {
  Index parameters = 0, residuals = 0;
  std::function<void(const Vector<double>& p, Vector<double>& f)> residual;  ///< f [residuals]
  std::function<void(const Vector<double>& p, Matrix<double>& jacobian)>
      jacobian;  ///< [residuals, parameters]
};

/// The result of a fit.
struct LeastSquaresFit {
  Vector<double> parameters;
  double sum_of_squares = 0;
  /// (JᵀJ)⁻¹ at the solution; times the variance of a residual it is the covariance of the parameters. 0 if
  /// `identified` is false.
  Matrix<double> unit_covariance;
  /// A stopping test was met with finite numbers; if not, that is a result and no error.
  bool converged = false;
  bool identified = false;  ///< the Jacobian has full rank, so that the covariance exists
};

/// Iterates from `start` until steps or reductions fall below `tolerance`, relatively. Throws InternalError
/// unless there are at least as many residuals as parameters, and at least one parameter.
LeastSquaresFit least_squares(const LeastSquaresProblem& problem, const Vector<double>& start,
                              double tolerance = 1e-12);

}  // namespace pnn::model
