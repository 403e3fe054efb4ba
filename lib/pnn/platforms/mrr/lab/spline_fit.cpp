#include "pnn/platforms/mrr/lab/spline_fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/model/quality.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// Q and R of a natural cubic: R γ = Qᵀ v gives the second derivatives γ at the inner knots of the spline
/// through v, and ∫S''² = γᵀ R γ.
struct NaturalMatrices {
  Matrix<double> q_transposed, r;
};

NaturalMatrices natural_matrices(const std::vector<double>& knots) {
  const Index n = Index(knots.size());
  NaturalMatrices m{Matrix<double>::Zero(n - 2, n), Matrix<double>::Zero(n - 2, n - 2)};
  const auto step = [&](Index k) { return knots[std::size_t(k) + 1] - knots[std::size_t(k)]; };
  for (Index k = 0; k < n - 2; ++k) {
    m.q_transposed(k, k) = 1 / step(k);
    m.q_transposed(k, k + 1) = -1 / step(k) - 1 / step(k + 1);
    m.q_transposed(k, k + 2) = 1 / step(k + 1);
    m.r(k, k) = (step(k) + step(k + 1)) / 3;
    if (k + 1 < n - 2) m.r(k, k + 1) = m.r(k + 1, k) = step(k + 1) / 6;
  }
  return m;
}

/// Second derivatives at all knots as a linear function of the values: zero at both ends.
Matrix<double> second_derivatives(const NaturalMatrices& m) {
  const Index n = m.q_transposed.cols();
  Matrix<double> out = Matrix<double>::Zero(n, n);
  out.middleRows(1, n - 2) = m.r.llt().solve(m.q_transposed);
  return out;
}

/// Where x lies: S(x) = a v_k + b v_{k+1} + c γ_k + d γ_{k+1}, constant outside the knots.
struct Place {
  std::size_t k;
  double a, b, c, d;
};
Place place(const std::vector<double>& knots, double x) {
  x = std::clamp(x, knots.front(), knots.back());
  const auto above = std::upper_bound(knots.begin() + 1, knots.end() - 1, x);
  const std::size_t k = std::size_t(above - knots.begin()) - 1;
  const double h = knots[k + 1] - knots[k];
  const double a = (knots[k + 1] - x) / h, b = 1 - a;
  return {k, a, b, (a * a * a - a) * h * h / 6, (b * b * b - b) * h * h / 6};
}

}  // namespace

SplineFit fit_spline(std::span<const double> x, std::span<const double> y, int knots) {
  require(x.size() == y.size() && x.size() >= 4 && knots >= 4,
          "spline fit: four samples and four knots at least");
  const auto [least, most] = std::minmax_element(x.begin(), x.end());
  require(*most > *least, "spline fit: all samples at one place");

  SplineFit fit;
  for (int k = 0; k < knots; ++k) fit.knots.push_back(*least + (*most - *least) * k / (knots - 1));
  fit.knots.back() = *most;
  const NaturalMatrices natural = natural_matrices(fit.knots);
  const Matrix<double> second = second_derivatives(natural);
  const Matrix<double> inner = second.middleRows(1, knots - 2);
  const Matrix<double> penalty = inner.transpose() * natural.r * inner;

  const Index n = Index(x.size());
  Matrix<double> basis(n, knots);
  for (Index i = 0; i < n; ++i) {
    const Place at = place(fit.knots, x[std::size_t(i)]);
    basis.row(i) = at.c * second.row(Index(at.k)) + at.d * second.row(Index(at.k) + 1);
    basis(i, Index(at.k)) += at.a;
    basis(i, Index(at.k) + 1) += at.b;
  }
  const Eigen::Map<const Vector<double>> target(y.data(), n);
  const Matrix<double> normal = basis.transpose() * basis;
  const Vector<double> right = basis.transpose() * target;
  const double scale = sum(normal.diagonal()) / sum(penalty.diagonal());

  double best = std::numeric_limits<double>::infinity(), best_lambda = 0;
  for (int step = -48; step <= 16; ++step) {
    const double lambda = scale * std::pow(10.0, step / 4.0);
    const Eigen::LDLT<Eigen::MatrixXd> system(normal + lambda * penalty);
    const Vector<double> values = system.solve(right);
    const Eigen::MatrixXd smoother = system.solve(Eigen::MatrixXd(normal));
    const double freedom = sum(smoother.diagonal());
    const double left = double(n) - freedom;
    if (left <= 0.5 || !values.allFinite()) continue;
    const double squares = squared_norm(Vector<double>(target - basis * values));
    const double score = double(n) * squares / (left * left);
    if (score >= best) continue;
    best = score;
    fit.values.assign(values.begin(), values.end());
    fit.rms = std::sqrt(squares / double(n));
    fit.degrees_of_freedom = freedom;
    best_lambda = lambda;
  }
  require(!fit.values.empty(), "spline fit: no smoothing gives a finite spline");
  const Vector<double> left = basis * Eigen::Map<const Vector<double>>(fit.values.data(), knots) - target;
  fit.left.assign(left.begin(), left.end());
  const Eigen::LDLT<Eigen::MatrixXd> system(normal + best_lambda * penalty);
  const Eigen::MatrixXd inverse = system.solve(Eigen::MatrixXd::Identity(knots, knots));
  fit.leverage = model::leverages(basis, inverse);
  return fit;
}

}  // namespace pnn::platforms::mrr::lab
