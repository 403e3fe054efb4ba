#include "pnn/platforms/mrr/spline.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;
using platforms::mrr::CubicSplines;

namespace {

CubicSplines through(const std::vector<double>& x, const std::vector<double>& y) {
  Array<double> detuning({1, x.size()}), weight({1, y.size()});
  detuning.data = x;
  weight.data = y;
  CubicSplines splines;
  splines.assign(detuning, weight);
  return splines;
}

}  // namespace

TEST_CASE("a spline passes through its knots and is constant outside") {
  const std::vector<double> x{-1, -0.2, 0.1, 0.9}, y{0.3, -0.5, 0.8, 0.1};
  const CubicSplines s = through(x, y);
  for (std::size_t k = 0; k < x.size(); ++k) CHECK(s.at(0, x[k]).value == Approx(y[k]).margin(1e-14));
  CHECK(s.at(0, -5).value == 0.3);
  CHECK(s.at(0, 5).value == 0.1);
  CHECK(s.at(0, 5).first == 0);
}

TEST_CASE("a spline is smooth at its knots and straight at its ends") {
  const std::vector<double> x{-1, -0.2, 0.1, 0.9}, y{0.3, -0.5, 0.8, 0.1};
  const CubicSplines s = through(x, y);
  constexpr double e = 1e-9;  // second derivatives are below 100: values differ by less than 1e-6
  for (const double knot : {-0.2, 0.1}) {
    CHECK(s.at(0, knot - e).first == Approx(s.at(0, knot + e).first).margin(1e-6));
    CHECK(s.at(0, knot - e).second == Approx(s.at(0, knot + e).second).margin(1e-5));
  }
  CHECK(s.at(0, -1 + e).second == Approx(0).margin(1e-6));
  CHECK(s.at(0, 0.9 - e).second == Approx(0).margin(1e-6));
}

TEST_CASE("a spline through a smooth curve approaches it with the fourth power of the spacing") {
  const auto error = [](int knots) {
    std::vector<double> x, y;
    for (int k = 0; k < knots; ++k) {
      x.push_back(2 * M_PI * k / (knots - 1));
      y.push_back(std::sin(x.back()));  // no curvature at the ends, as a natural spline assumes
    }
    const CubicSplines s = through(x, y);
    double largest = 0;
    for (double at = 0; at < 2 * M_PI; at += 0.01)
      largest = std::max(largest, std::abs(s.at(0, at).value - std::sin(at)));
    return largest;
  };
  CHECK(std::log2(error(21) / error(41)) == Approx(4).margin(0.2));
}

TEST_CASE("roots of a spline are found on every branch") {
  const std::vector<double> x{0, 1, 2, 3, 4}, y{0, 1, 0, 1, 0};
  const CubicSplines s = through(x, y);
  std::vector<double> roots;
  s.roots(0, 0.5, 0, 4, roots);
  REQUIRE(roots.size() == 4);
  for (const double root : roots) CHECK(s.at(0, root).value == Approx(0.5).margin(1e-12));
  roots.clear();
  s.roots(0, 0.5, 1, 3, roots);
  CHECK(roots.size() == 2);
  roots.clear();
  s.roots(0, 3, 0, 4, roots);
  CHECK(roots.empty());
}

TEST_CASE("knots that do not ascend are refused") {
  CHECK_THROWS_AS(through({0, 0, 1}, {0, 1, 2}), UsageError);
  CHECK_THROWS_AS(through({0}, {0}), UsageError);
}

TEST_CASE("a spline through a ring's own curve makes the same bank") {
  platforms::mrr::Process process;
  const platforms::mrr::BankPlan plan = test::make_plan(4, 5, 16, 8, platforms::mrr::Reuse::time);
  platforms::mrr::RingParameters rings =
      platforms::mrr::draw_rings(process, plan.rings(), 5, int(Purpose::test), 0, 0, 0);
  const auto count = std::size_t(plan.rings());
  constexpr std::size_t knots = 400;
  rings.knot_detuning_nm = rings.knot_weight = Array<double>({count, knots});
  for (std::size_t ring = 0; ring < count; ++ring) {
    for (std::size_t k = 0; k < knots; ++k) {
      const double d = -1 + 2.5 * double(k) / (knots - 1);
      const auto t =
          platforms::mrr::ring_transmission(d, process.fsr_nm, rings.r[ring], rings.r[ring], rings.a[ring]);
      rings.knot_detuning_nm.slice(ring)[k] = d;
      rings.knot_weight.slice(ring)[k] = t.drop - t.thru;
    }
  }
  platforms::mrr::BankPhysics physics = ideal_physics(process);
  const auto airy = platforms::mrr::make_bank<double>(plan, physics, rings);
  physics.response = platforms::mrr::Response::spline;
  const auto spline = platforms::mrr::make_bank<double>(plan, physics, rings);
  const std::vector<double> currents = test::spread(plan.weights(), 0, 5.2, 3);
  Matrix<double> a(4, 5), b(4, 5);
  airy->evaluate({currents, {}, 0.5}, view(a));
  spline->evaluate({currents, {}, 0.5}, view(b));
  // 5/384 h⁴ max|W''''| with h = 6.3e-3 nm and W'''' of about 24·2/0.15⁴ = 1e5: 2e-6
  CHECK((a - b).cwiseAbs().maxCoeff() < 5e-6);
}
