#include "pnn/platforms/mrr/lab/spline_fit.hpp"

#include <cmath>

#include "pnn/core/random.hpp"
#include "pnn/platforms/mrr/spline.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using platforms::mrr::lab::fit_spline;
using platforms::mrr::lab::SplineFit;

namespace {
double evaluate(const SplineFit& fit, double x) {
  Array<double> knots({1, fit.knots.size()}), values({1, fit.values.size()});
  knots.data = fit.knots, values.data = fit.values;
  platforms::mrr::CubicSplines splines;
  splines.assign(knots, values);
  return splines.at(0, x).value;
}
}  // namespace

TEST_CASE("a straight line is smoothed to itself with two degrees of freedom") {
  std::vector<double> x, y;
  for (int k = 0; k < 40; ++k) {
    x.push_back(0.1 * k);
    y.push_back(2 - 0.5 * x.back() + 0.3 * normal({1, Purpose::test}, std::uint32_t(k)));
  }
  std::vector<double> line;
  for (const double v : x) line.push_back(2 - 0.5 * v);
  const SplineFit exact = fit_spline(x, line, 12);
  CHECK(exact.rms < 1e-9);
  for (std::size_t k = 0; k < exact.knots.size(); ++k)
    CHECK(exact.values[k] == Approx(2 - 0.5 * exact.knots[k]).margin(1e-8));
  // white noise about a line: cross validation keeps a few degrees of freedom at most
  const SplineFit noisy = fit_spline(x, y, 12);
  CHECK(noisy.degrees_of_freedom < 6);
}

TEST_CASE("a smoothing spline finds a resonance within the noise, below the noise of its samples") {
  const double sigma = 0.05;
  const auto truth = [](double x) { return -1 + 1.9 / (1 + std::pow((x + 0.4) / 0.15, 2)); };
  std::vector<double> x, y;
  for (int k = 0; k < 120; ++k) {
    x.push_back(-0.85 * k / 119);
    y.push_back(truth(x.back()) + sigma * normal({2, Purpose::test}, std::uint32_t(k)));
  }
  const SplineFit fit = fit_spline(x, y, 24);
  double squares = 0;
  for (const double v : x) squares += std::pow(evaluate(fit, v) - truth(v), 2) / double(x.size());
  // a fit with f effective parameters errs by sigma·sqrt(f/n) = 0.022 at f = 24 at most, plus its bias
  CHECK(std::sqrt(squares) < 0.03);
  // residuals keep sqrt(1 − f/n) of sigma: 0.045 at f = 24, within 3 sigma/sqrt(2n) of it
  CHECK(fit.rms > 0.03);
  CHECK(fit.rms < 0.06);
}

TEST_CASE("samples may come in any order") {
  const std::vector<double> x = {0, 1, 2, 3, 4, 5}, y = {0, 1, 0, 1, 0, 1};
  const std::vector<double> shuffled_x = {3, 0, 5, 1, 4, 2}, shuffled_y = {1, 0, 1, 1, 0, 0};
  const SplineFit a = fit_spline(x, y, 6), b = fit_spline(shuffled_x, shuffled_y, 6);
  for (std::size_t k = 0; k < 6; ++k) CHECK(a.values[k] == Approx(b.values[k]).margin(1e-9));
}
