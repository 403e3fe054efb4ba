#include <cmath>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "tests/catch.hpp"
#include "tests/moments.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;

TEST_CASE("drawn rings have the process's means and spreads") {
  const platforms::mrr::Process p;
  constexpr Index n = 40000;
  const auto rings = platforms::mrr::draw_rings(p, n, 1, int(Purpose::test), 0, 0, 0);
  // standard errors: σ/√n = σ/200 of a mean, σ/√(2n) = σ/283 of a spread; five of them are allowed
  const auto check = [](const std::vector<double>& values, double mean, double sigma) {
    const test::Moments m = test::moments(values);
    CHECK(std::abs(m.mean - mean) < 5 * sigma / 200);
    CHECK(std::abs(m.sigma - sigma) < 5 * sigma / 283);
  };
  check(rings.delta_nm, 0.575, 0.02);
  check(rings.eta_nm_per_mw, 0.0625, 0.0625 * 0.03);
  check(rings.resistance_ohm, 500, 10);
  check(rings.beta_per_ma2, 0.004, 0.001);
  check(rings.r, 0.955, 0.004);
  CHECK(test::moments(rings.a).sigma < 1e-12);
}

TEST_CASE("parameters of a ring, chips, devices and steps are drawn independently") {
  const platforms::mrr::Process p;
  constexpr Index n = 4096;
  const auto a = platforms::mrr::draw_rings(p, n, 1, int(Purpose::test), 0, 0, 0);
  const auto correlation = [&](const std::vector<double>& x, const std::vector<double>& y) {
    const test::Moments mx = test::moments(x), my = test::moments(y);
    double sum = 0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - mx.mean) * (y[k] - my.mean) / double(x.size());
    return sum / (mx.sigma * my.sigma);
  };
  // a correlation of independent draws has a standard error of 1/64
  CHECK(std::abs(correlation(a.delta_nm, a.r)) < 5.0 / 64);
  CHECK(std::abs(correlation(a.eta_nm_per_mw, a.resistance_ohm)) < 5.0 / 64);
  const auto chip = platforms::mrr::draw_rings(p, n, 1, int(Purpose::test), 1, 0, 0);
  const auto device = platforms::mrr::draw_rings(p, n, 1, int(Purpose::test), 0, 1, 0);
  const auto step = platforms::mrr::draw_rings(p, n, 1, int(Purpose::test), 0, 0, 1);
  const auto seed = platforms::mrr::draw_rings(p, n, 2, int(Purpose::test), 0, 0, 0);
  for (const auto* other : {&chip, &device, &step, &seed}) {
    CHECK(std::abs(correlation(a.delta_nm, other->delta_nm)) < 5.0 / 64);
  }
}

TEST_CASE("a ring's numbers do not depend on how many rings there are") {
  const platforms::mrr::Process p;
  const auto few = platforms::mrr::draw_rings(p, 100, 1, int(Purpose::test), 3, 2, 1);
  const auto many = platforms::mrr::draw_rings(p, 1000, 1, int(Purpose::test), 3, 2, 1);
  for (std::size_t k = 0; k < 100; ++k) {
    CHECK(few.delta_nm[k] == many.delta_nm[k]);
    CHECK(few.r[k] == many.r[k]);
  }
}

TEST_CASE("draws from a very wide process stay physical") {
  const platforms::mrr::Process wide = platform::scale_spreads({}, 20).as<platforms::mrr::Process>();
  const auto rings = platforms::mrr::draw_rings(wide, 4096, 1, int(Purpose::test), 0, 0, 0);
  for (std::size_t k = 0; k < rings.r.size(); ++k) {
    CHECK((rings.r[k] >= 0.90 && rings.r[k] <= 0.995));
    CHECK(rings.eta_nm_per_mw[k] >= 0.00625 - 1e-12);
    CHECK(rings.resistance_ohm[k] >= 50 - 1e-9);
    // heater power rises with current up to the end of the range
    CHECK(1 + 2 * rings.beta_per_ma2[k] * 5.2 * 5.2 > 0);
  }
}
