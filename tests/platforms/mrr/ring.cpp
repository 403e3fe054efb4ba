#include <cmath>
#include <numbers>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/element.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mrr/thermal.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/cases.hpp"

using namespace pnn;

namespace {

/// A bank of the process's nominal rings, all at `park` but the one of weight `k`, which is at `current`.
double nominal_weight(const platforms::mrr::BankPhysics& physics, bool ideal, Index rows, Index cols, Index k,
                      double current, double park, double temperature_k = 0) {
  const platforms::mrr::Process process;
  const platforms::mrr::BankPlan plan = test::make_plan(rows, cols, 16, 8, platforms::mrr::Reuse::time);
  const auto bank = platforms::mrr::make_bank<double>(
      plan, physics, platforms::mrr::nominal_rings(process, plan.rings(), ideal));
  std::vector<double> currents(std::size_t(plan.weights()), park);
  currents[std::size_t(k)] = current;
  Matrix<double> weights(rows, cols);
  bank->evaluate({currents, {}, temperature_k}, view(weights));
  return weights.data()[k];
}

double lone_weight(double current, double temperature_k = 0) {
  return nominal_weight(platforms::mrr::ideal_physics({}), false, 1, 1, 0, current, 0, temperature_k);
}

/// Current at which the lone ring's weight is largest.
double resonance_current() {
  double best = 0;
  for (double current = 0; current <= 5.2; current += 1e-3) {
    if (lone_weight(current) > lone_weight(best)) best = current;
  }
  return best;
}

}  // namespace

TEST_CASE("the rational form of a ring equals the textbook's cosines") {
  for (const double r : {0.9, 0.955, 0.995}) {
    for (const double a : {0.9, 0.998, 1.0}) {
      const auto c = platforms::mrr::airy_coefficients(r, a, 1, 0, 1);
      // the textbook's denominator is a difference of numbers of order 1 that is as small as (1 − r² a)²
      const double bound = 4 * 2.3e-16 / std::pow(1 - r * r * a, 2);
      for (double d = -26; d <= 26; d += 0.037) {
        const auto t = platforms::mrr::ring_transmission(d, 10, r, r, a);
        const double p = 1 / (c.width + platforms::mrr::AiryCurve::value(d / 10));
        CHECK(std::abs(c.drop * p - t.drop) < bound);
        CHECK(std::abs(1 - c.loss * p - t.thru) < bound);
        CHECK(std::abs(c.base + c.amplitude * p - (t.drop - t.thru)) < 2 * bound);
      }
    }
  }
}

TEST_CASE("a lossless ring sends all light to one port or the other") {
  for (double d = -5; d <= 5; d += 0.1) {
    const auto t = platforms::mrr::ring_transmission(d, 10, 0.93, 0.96, 1);
    CHECK(t.drop + t.thru == Approx(1).epsilon(1e-13));
  }
}

TEST_CASE("a ring with loss sends less") {
  const auto t = platforms::mrr::ring_transmission(0, 10, 0.955, 0.955, 0.998);
  CHECK(t.drop + t.thru < 0.97);
  CHECK(t.drop + t.thru > 0.9);
}

TEST_CASE("the nominal ring's half width at half maximum is 0.15 nm") {
  const platforms::mrr::Process p;
  const double peak = platforms::mrr::ring_transmission(0, p.fsr_nm, p.r, p.r, p.a).drop;
  CHECK(platforms::mrr::ring_transmission(0.15, p.fsr_nm, p.r, p.r, p.a).drop / peak ==
        Approx(0.5).margin(0.01));
  // FWHM = FSR (1 − r² a)/(π r √a), Bogaerts et al.
  const double fwhm = p.fsr_nm * (1 - p.r * p.r * p.a) / (std::numbers::pi * p.r * std::sqrt(p.a));
  CHECK(fwhm == Approx(0.30).margin(0.005));
  CHECK(platforms::mrr::ring_transmission(fwhm / 2, p.fsr_nm, p.r, p.r, p.a).drop / peak ==
        Approx(0.5).margin(1e-3));
}

TEST_CASE("heating walks a ring through its channel and beyond") {
  CHECK(lone_weight(0) == Approx(-0.87).margin(0.005));
  CHECK(resonance_current() == Approx(4.2).margin(0.1));
  CHECK(lone_weight(resonance_current()) == Approx(0.96).margin(0.01));
  CHECK(lone_weight(5.2) == Approx(-0.71).margin(0.05));
}

TEST_CASE("neighbours leak: a parked ring inside a bank of parked rings shows about -0.74") {
  const platforms::mrr::BankPhysics full = platforms::mrr::full_physics({});
  for (Index col = 0; col < 7; ++col) {
    CHECK(nominal_weight(full, false, 16, 8, 8 * 7 + col, 0, 0) == Approx(-0.74).margin(0.02));
  }
  // The ring that leaks most stands one channel to the red; for the last channel that is ring 0, across the
  // end of the free spectral range and 0.4 nm farther.
  CHECK(nominal_weight(full, false, 16, 8, 8 * 7 + 7, 0, 0) == Approx(-0.805).margin(0.02));
}

TEST_CASE("the columns of a chip that fills the free spectral range are alike") {
  // Cyclic distances: the outermost columns have as many neighbours as the others, in another bus order only,
  // and the channels' spacing is broken at one place (FSR − 8 · 1.2 nm).
  const platforms::mrr::BankPhysics full = platforms::mrr::full_physics({});
  const double edge = nominal_weight(full, false, 1, 8, 0, 0, 0),
               inner = nominal_weight(full, false, 1, 8, 4, 0, 0);
  CHECK(edge == Approx(inner).margin(0.02));
  platforms::mrr::BankPhysics open = full;
  open.channel_spacing_nm = 1.1;  // nine channels would fit: an open bus
  CHECK(nominal_weight(open, false, 1, 8, 0, 0, 0) < nominal_weight(open, false, 1, 8, 4, 0, 0) - 0.02);
}

TEST_CASE("one kelvin moves a weight near zero by about 0.5") {
  double flank = 3.0;
  while (lone_weight(flank) < 0) flank += 1e-4;
  const double change = lone_weight(flank, -0.5) - lone_weight(flank, 0.5);
  CHECK(std::abs(change) == Approx(0.5).margin(0.08));
}

TEST_CASE("warming does what heating does: it moves resonances to the red") {
  const double resonance = resonance_current();
  CHECK(lone_weight(resonance - 0.3, 1) > lone_weight(resonance - 0.3));
  CHECK(lone_weight(resonance + 0.3, 1) < lone_weight(resonance + 0.3));
}

TEST_CASE("the polarity negates a weight") {
  platforms::mrr::Process process;
  for (const bool full : {false, true}) {
    process.set(platforms::mrr::Polarity::drop_thru);
    const auto a = full ? full_physics(process) : ideal_physics(process);
    process.set(platforms::mrr::Polarity::thru_drop);
    const auto b = full ? full_physics(process) : ideal_physics(process);
    CHECK(nominal_weight(a, false, 2, 3, 1, 3, 2) == -nominal_weight(b, false, 2, 3, 1, 3, 2));
  }
}

TEST_CASE("thermal crosstalk sums to about 0.05 over a chip of 16 x 8") {
  const platforms::mrr::Process p;
  const auto x =
      platforms::mrr::thermal_crosstalk(16, 8, p.crosstalk, p.crosstalk_length, p.crosstalk_cutoff);
  CHECK(x(0, 0) == 0);
  CHECK(x(0, 1) == Approx(0.005).epsilon(1e-14));
  CHECK(x(1, 0) == x(0, 1));
  CHECK(x(1, 1) == Approx(0.005 * std::exp(1 - std::sqrt(2.0))).epsilon(1e-14));
  CHECK(x(15, 7) == 0);  // beyond the cut-off
  double sum = 0;
  for (Index ring = 0; ring < 128; ++ring) {
    for (Index other = 0; other < 128; ++other)
      sum += x(std::abs(ring / 8 - other / 8), std::abs(ring % 8 - other % 8));
  }
  CHECK(sum / 128 == Approx(0.055).margin(0.001));  // 0.025 in a corner, 0.069 in the middle
}

TEST_CASE("a chip's own heat warms all of its rings through the package") {
  platforms::mrr::Process process;
  process.crosstalk = 0;
  process.reach = 0;
  process.package_k_per_mw = 0.01;
  const platforms::mrr::BankPlan plan = test::make_plan(2, 8, 16, 8, platforms::mrr::Reuse::time);
  const auto rings = platforms::mrr::nominal_rings(process, plan.rings(), false);
  const auto warm = platforms::mrr::make_bank<double>(plan, full_physics(process), rings);
  const auto flat = platforms::mrr::make_bank<double>(plan, ideal_physics(process), rings);
  const std::vector<double> currents(16, 3.0);
  Matrix<double> a(2, 8), b(2, 8);
  warm->evaluate({currents, {}, 0}, view(a));
  const double power_mw =
      16 * platforms::mrr::heater_power_mw(3, process.resistance_ohm, process.beta_per_ma2);
  flat->evaluate({currents, {}, 0.01 * power_mw}, view(b));
  CHECK((a - b).cwiseAbs().maxCoeff() < 1e-12);
}
