#include "pnn/model/least_squares.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <cmath>
#include <limits>
#include <unsupported/Eigen/NonLinearOptimization>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"

namespace pnn::model {
namespace {

/// The form in which Eigen's solver wants a problem. Its Jacobian is column-major.
struct Functor {
  const LeastSquaresProblem& problem;
  mutable Matrix<double> row_major;

  [[nodiscard]] Index values() const { return problem.residuals; }
  int operator()(const Vector<double>& p, Vector<double>& f) const {
    stop_if_asked();
    problem.residual(p, f);
    return 0;
  }
  int df(const Vector<double>& p, Eigen::MatrixXd& jacobian) const {
    problem.jacobian(p, row_major);
    jacobian = row_major;
    return 0;
  }
};

/// (JᵀJ)⁻¹ from the triangle of a pivoted QR, columns scaled to unit length first so that the rank does
/// not depend on units.
bool invert_normal_matrix(const Matrix<double>& jacobian, Matrix<double>& inverse) {
  const Index n = jacobian.cols();
  Vector<double> scale(n);
  for (Index k = 0; k < n; ++k) scale[k] = norm(jacobian.col(k));
  if (!scale.allFinite() || (scale.array() <= 0).any()) return false;
  const Eigen::MatrixXd scaled = jacobian * scale.cwiseInverse().asDiagonal();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(scaled);
  qr.setThreshold(1e-11);
  if (qr.rank() < n) return false;
  const Eigen::MatrixXd r_inverse =
      qr.matrixR().topLeftCorner(n, n).triangularView<Eigen::Upper>().solve(Eigen::MatrixXd::Identity(n, n));
  const Eigen::MatrixXd root = qr.colsPermutation() * r_inverse;
  inverse = scale.cwiseInverse().asDiagonal() * (root * root.transpose()) * scale.cwiseInverse().asDiagonal();
  return inverse.allFinite();
}

}  // namespace

LeastSquaresFit least_squares(const LeastSquaresProblem& problem, const Vector<double>& start,
                              double tolerance) {
  require(problem.parameters > 0 && start.size() == problem.parameters,
          "least squares: a start needs as many values as the problem has parameters");
  require(problem.residuals >= problem.parameters, "least squares: fewer residuals than parameters");

  Functor functor{problem, Matrix<double>(problem.residuals, problem.parameters)};
  Eigen::LevenbergMarquardt<Functor> solver(functor);
  solver.parameters.ftol = solver.parameters.xtol = tolerance;
  solver.parameters.maxfev = 100 * (problem.parameters + 1);

  LeastSquaresFit fit;
  fit.parameters = start;
  Eigen::VectorXd p = start;
  const auto status = solver.minimize(p);
  fit.parameters = p;
  Vector<double> f(problem.residuals);
  problem.residual(fit.parameters, f);
  fit.sum_of_squares = squared_norm(f);
  const bool stopped = status != Eigen::LevenbergMarquardtSpace::ImproperInputParameters &&
                       status != Eigen::LevenbergMarquardtSpace::TooManyFunctionEvaluation;
  fit.converged = stopped && fit.parameters.allFinite() && std::isfinite(fit.sum_of_squares);

  fit.unit_covariance = Matrix<double>::Zero(problem.parameters, problem.parameters);
  if (fit.converged) {
    problem.jacobian(fit.parameters, functor.row_major);
    Matrix<double> inverse;
    fit.identified = invert_normal_matrix(functor.row_major, inverse);
    if (fit.identified) fit.unit_covariance = inverse;
  }
  return fit;
}

}  // namespace pnn::model
