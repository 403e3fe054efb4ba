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

namespace {

/// Mean product of the deviations of two rings over many chips, in units of the variance.
double mean_product(const platforms::mrr::Process& process, std::size_t a, std::size_t b, int chips) {
  double sum = 0;
  for (int k = 0; k < chips; ++k) {
    const auto rings =
        platforms::mrr::draw_rings(process, 24, 1, int(Purpose::test), 0, std::uint32_t(k), 0, {3, 4});
    sum += (rings.delta_nm[a] - process.delta_nm) * (rings.delta_nm[b] - process.delta_nm);
  }
  return sum / chips / (process.delta_sigma_nm * process.delta_sigma_nm);
}

}  // namespace

TEST_CASE("rings of a die deviate together by the shares of the process", "[spread]") {
  platforms::mrr::Process process;
  process.delta_die = 0.5, process.delta_smooth = 0.3, process.correlation_length = 2;
  constexpr int chips = 4000;
  const double five = 5 * std::sqrt(2.0 / chips);
  CHECK(std::abs(mean_product(process, 5, 5, chips) - 1) < five);
  CHECK(std::abs(mean_product(process, 0, 1, chips) - (0.5 + 0.3 * std::exp(-0.25))) < five);
  CHECK(std::abs(mean_product(process, 0, 5, chips) - (0.5 + 0.3 * std::exp(-0.5))) < five);
  CHECK(std::abs(mean_product(process, 0, 12, chips)) < five);  // another die
}

TEST_CASE("shares of one parameter leave the others as they are, and 0 leaves all", "[spread]") {
  const auto drawn = [](const platforms::mrr::Process& process) {
    return platforms::mrr::draw_rings(process, 24, 1, int(Purpose::test), 3, 2, 1, {3, 4});
  };
  platforms::mrr::Process process;
  const auto before = drawn(process);
  process.correlation_length = 3;
  CHECK(drawn(process).delta_nm == before.delta_nm);
  process.delta_die = 1;
  const auto after = drawn(process);
  CHECK(after.delta_nm[0] == after.delta_nm[11]);
  CHECK(after.delta_nm[0] != after.delta_nm[12]);
  CHECK(after.eta_nm_per_mw == before.eta_nm_per_mw);
  CHECK(after.r == before.r);
  process.r_smooth = 0.2, process.r_die = 0.9;
  CHECK(conflicts_of(process).size() == 1);
}
