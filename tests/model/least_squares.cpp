#include "pnn/model/least_squares.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace pnn;
using model::least_squares;
using model::LeastSquaresFit;
using model::LeastSquaresProblem;

namespace {

/// Digits that agree with a certified value, as NIST counts them.
double digits(double value, double certified) {
  return -std::log10(std::abs(value - certified) / std::abs(certified));
}

}  // namespace

// NIST Statistical Reference Datasets, nonlinear regression, Misra1a (D. Misra, NIST, 1978: dental research,
// monomolecular adsorption): data, starts and certified values from its data file, certified to 11 digits.
TEST_CASE("Misra1a of the NIST reference data sets is solved from both certified starts") {
  const std::vector<double> y = {10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
                                 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78};
  const std::vector<double> x = {77.6,  114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
                                 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0};
  const LeastSquaresProblem problem{2, Index(x.size()),
                                    [&](const Vector<double>& p, Vector<double>& f) {
                                      for (Index i = 0; i < f.size(); ++i)
                                        f[i] = p[0] * (1 - std::exp(-p[1] * x[std::size_t(i)])) -
                                               y[std::size_t(i)];
                                    },
                                    [&](const Vector<double>& p, Matrix<double>& j) {
                                      for (Index i = 0; i < j.rows(); ++i) {
                                        const double e = std::exp(-p[1] * x[std::size_t(i)]);
                                        j(i, 0) = 1 - e;
                                        j(i, 1) = p[0] * x[std::size_t(i)] * e;
                                      }
                                    }};
  for (const Vector<double>& start : {Vector<double>{{500.0, 1e-4}}, Vector<double>{{250.0, 5e-4}}}) {
    const LeastSquaresFit fit = least_squares(problem, start);
    REQUIRE(fit.converged);
    REQUIRE(fit.identified);
    // a relative step tolerance of 1e-13 leaves rounding of the residuals: 8 digits is what MINPACK reaches
    CHECK(digits(fit.parameters[0], 2.3894212918E+02) > 8);
    CHECK(digits(fit.parameters[1], 5.5015643181E-04) > 8);
    CHECK(digits(fit.sum_of_squares, 1.2455138894E-01) > 8);
    const double variance = fit.sum_of_squares / 12;
    CHECK(digits(std::sqrt(fit.unit_covariance(0, 0) * variance), 2.7070075241E+00) > 6);
    CHECK(digits(std::sqrt(fit.unit_covariance(1, 1) * variance), 7.2668688436E-06) > 6);
  }
}

TEST_CASE("parameters that only act together converge and are told to be unidentified") {
  const LeastSquaresProblem problem{2, 5,
                                    [](const Vector<double>& p, Vector<double>& f) {
                                      for (Index i = 0; i < 5; ++i)
                                        f[i] = p[0] * p[1] * double(i) - 3 * double(i);
                                    },
                                    [](const Vector<double>& p, Matrix<double>& j) {
                                      for (Index i = 0; i < 5; ++i)
                                        j(i, 0) = p[1] * double(i), j(i, 1) = p[0] * double(i);
                                    }};
  const LeastSquaresFit fit = least_squares(problem, Vector<double>{{1.0, 1.0}});
  CHECK(fit.converged);
  CHECK_FALSE(fit.identified);
  CHECK(fit.parameters[0] * fit.parameters[1] == Approx(3).epsilon(1e-9));
}

TEST_CASE("a problem that becomes infinite does not converge, and does not throw") {
  const LeastSquaresProblem problem{
      1, 2, [](const Vector<double>& p, Vector<double>& f) { f[0] = f[1] = std::sqrt(p[0]); },
      [](const Vector<double>& p, Matrix<double>& j) { j(0, 0) = j(1, 0) = 0.5 / std::sqrt(p[0]); }};
  CHECK_FALSE(least_squares(problem, Vector<double>{{-1.0}}).converged);
}
