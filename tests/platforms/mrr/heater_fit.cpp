// Currents and voltages of heaters whose resistance is known, with noise.
#include "pnn/platforms/mrr/lab/heater_fit.hpp"

#include <cmath>
#include <limits>

#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using namespace pnn::platforms::mrr::lab;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Heater {
  double ohm = 512, beta_per_ma2 = 0.0042, ohm_per_k = 0.55, offset_v = 0.003, noise_v = 0.002;
};

model::HeaterCurve curve_of(const Heater& heater, const std::vector<double>& temperatures, int points,
                            std::uint32_t number) {
  model::HeaterCurve curve;
  std::uint32_t place = 0;
  for (const double t : temperatures)
    for (int k = 0; k < points; ++k) {
      const double current = -1 + 6.0 * k / (points - 1);
      const double warm = std::isfinite(t) ? heater.ohm_per_k * (t - 22) : 0;
      curve.current_ma.push_back(current);
      curve.voltage_v.push_back(heater.offset_v +
                                1e-3 * current *
                                    (heater.ohm * (1 + heater.beta_per_ma2 * current * current) + warm) +
                                heater.noise_v * normal({17, Purpose::test, 6, number, 0}, place++));
      curve.temperature_c.push_back(t);
    }
  return curve;
}

}  // namespace

TEST_CASE("resistance, its growth with current and with temperature lie within three standard errors") {
  const Heater heater;
  int all = 0, near = 0;
  double pull = 0;
  for (std::uint32_t number = 0; number < 100; ++number) {
    const auto fit = fit_heater(curve_of(heater, {20, 25, 30}, 15, number), 22);
    REQUIRE(fit);
    REQUIRE((fit->beta_per_ma2 && fit->ohm_per_k));
    const auto count = [&](const Measured& is, double truth) {
      ++all;
      const double off = (is.value - truth) / is.sigma;
      near += std::abs(off) < 3 ? 1 : 0;
      pull += off * off;
    };
    count(fit->ohm, heater.ohm);
    count(*fit->beta_per_ma2, heater.beta_per_ma2);
    count(*fit->ohm_per_k, heater.ohm_per_k);
    CHECK(fit->ohm.sigma < 1);
    CHECK(fit->miss < 0.002);
  }
  CHECK(near >= 0.97 * all);
  CHECK(std::sqrt(pull / all) == Approx(1).margin(0.15));  // standard errors are those of the scatter
}

TEST_CASE("few currents tell what they can, and no temperature tells no slope") {
  Heater exact;
  exact.offset_v = exact.noise_v = 0;
  const auto one = fit_heater({"", "", {0, 2}, {0, 1.05}, {unknown, unknown}}, 22);
  REQUIRE(one);
  CHECK(one->ohm.value == Approx(525));
  CHECK(one->ohm.sigma == 0);
  CHECK_FALSE(one->beta_per_ma2);
  const auto none = fit_heater({"", "", {0}, {0}, {unknown}}, 22);
  CHECK_FALSE(none);
  const auto unheated = fit_heater(curve_of(exact, {unknown}, 4, 0), 22);  // one reading's heat is another's
  REQUIRE(unheated);
  CHECK_FALSE(unheated->ohm_per_k);
  CHECK(unheated->ohm.value == Approx(exact.ohm));
  CHECK(unheated->beta_per_ma2->value == Approx(exact.beta_per_ma2));
  CHECK_FALSE(fit_heater(curve_of(exact, {25}, 9, 0), 22)->ohm_per_k);
}

TEST_CASE("the current at a voltage is that which gives it") {
  for (const double beta : {0.0, 0.004, 0.1, -0.004, -1e-5})
    for (const double current : {0.0, 0.3, 2.0, 5.2}) {
      const double voltage = 1e-3 * 480 * current * (1 + beta * current * current);
      CHECK(current_at_power_ma(voltage * current, 480, beta) == Approx(current).margin(1e-12));
      CHECK(current_at_ma(voltage, 480, beta) == Approx(current).margin(1e-12));
    }
  CHECK(current_at_power_ma(1e4, 480, -0.004) == Approx(std::sqrt(1 / 0.008)));
  CHECK(current_at_ma(100, 480, -0.004) == Approx(1 / std::sqrt(0.012)));
}
