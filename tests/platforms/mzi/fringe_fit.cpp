#include "pnn/platforms/mzi/lab/fringe_fit.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"

#include <cmath>
#include <numbers>

#include "pnn/core/random.hpp"
#include "pnn/model/import.hpp"
#include "pnn/study/fit.hpp"
#include "pnn/study/summary.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using platforms::mzi::lab::Fringe;
using std::numbers::pi;

namespace {

constexpr double resistance = 500;

/// Samples of a fringe up to `most_ma`, in equal steps of power, with noise of one sigma.
model::Samples sampled(const Fringe& fringe, int harmonic, double most_ma, double sigma,
                       std::uint32_t draw = 0, int points = 61) {
  model::Samples samples;
  for (int k = 0; k < points; ++k) {
    const double power = 1e-3 * resistance * most_ma * most_ma * k / (points - 1);
    const double angle = harmonic * (fringe.theta0_rad + pi * power / fringe.p_pi_mw);
    samples.control.push_back(std::sqrt(power / (1e-3 * resistance)));
    samples.response.push_back(fringe.offset * (1 + fringe.visibility * std::cos(angle)) +
                               sigma * normal({3, Purpose::test, 7, 0, draw}, std::uint32_t(k)));
    samples.sweep.push_back(0);
  }
  samples.sigma = sigma;
  return samples;
}

}  // namespace

TEST_CASE("a fringe without noise gives its own parameters, wherever it starts") {
  for (const int harmonic : {1, 2}) {
    for (const double theta0 : {-1.4, -0.3, 0.0, 0.7, 1.5}) {
      for (const double p_pi : {15.0, 25.0, 38.0}) {
        const Fringe truth{theta0, p_pi, 0.93, 0.21};
        const platforms::mzi::lab::FringeFit fit =
            platforms::mzi::lab::fit_fringe(sampled(truth, harmonic, 10, 0), harmonic, resistance, 25);
        INFO("harmonic " << harmonic << ", theta0 " << theta0 << ", P_pi " << p_pi);
        CHECK(fit.converged);
        CHECK(fit.fringe.theta0_rad == Approx(theta0).margin(1e-7));
        CHECK(fit.fringe.p_pi_mw == Approx(p_pi).epsilon(1e-7));
        CHECK(fit.fringe.visibility == Approx(0.93).epsilon(1e-7));
        CHECK(fit.fringe.offset == Approx(0.21).epsilon(1e-7));
        CHECK(fit.rms < 1e-9);
      }
    }
  }
}

TEST_CASE("each parameter of noisy fringes lies within three of its own standard errors, for 95 % of them") {
  constexpr int fringes = 400;
  int within[4] = {};
  double squares[4] = {};
  for (int k = 0; k < fringes; ++k) {
    const Stream draw{8, Purpose::test, 3, 0, std::uint32_t(k)};
    const Fringe truth{0.2 * normal(draw, 0), 25 + normal(draw, 1), 0.9 + 0.05 * uniform(draw, 4),
                       0.3 + 0.2 * uniform(draw, 6)};
    const platforms::mzi::lab::FringeFit fit =
        platforms::mzi::lab::fit_fringe(sampled(truth, 1, 10, 0.01, std::uint32_t(k)), 1, resistance, 25);
    REQUIRE(fit.identified);
    const double found[] = {fit.fringe.theta0_rad, fit.fringe.p_pi_mw, fit.fringe.visibility,
                            fit.fringe.offset};
    const double expected[] = {truth.theta0_rad, truth.p_pi_mw, truth.visibility, truth.offset};
    for (int p = 0; p < 4; ++p) {
      const double off = (found[p] - expected[p]) / std::sqrt(fit.covariance(p, p));
      within[p] += std::abs(off) < 3 ? 1 : 0;
      squares[p] += off * off;
    }
  }
  for (int p = 0; p < 4; ++p) {
    INFO("parameter " << p << ": " << within[p] << " of " << fringes);
    CHECK(within[p] >= 380);
    // Standard errors are neither too large nor too small: mean squares of 400 draws scatter by √(2/400) = 7
    // % about 1; five of that, and a little below 1 since the larger of two variances is taken
    CHECK(squares[p] / fringes > 0.6);
    CHECK(squares[p] / fringes < 1.35);
  }
}

TEST_CASE("half a period is half a turn, and a visibility is never negative") {
  const Fringe dip{0, 25, -0.8, 0.5};  // read at a bar port
  const platforms::mzi::lab::FringeFit fit =
      platforms::mzi::lab::fit_fringe(sampled(dip, 1, 10, 0), 1, resistance, 25);
  CHECK(fit.fringe.visibility == Approx(0.8));
  CHECK(std::abs(fit.fringe.theta0_rad) == Approx(pi));
}

TEST_CASE("imported fringes are fitted one by one, and what is none is told") {
  model::CurveTable table;
  const auto add = [&](const char* name, const model::Samples& samples) {
    for (std::size_t k = 0; k < samples.response.size(); ++k) {
      table.element.emplace_back(name);
      table.control.push_back(samples.control[k]);
      table.response.push_back(samples.response[k]);
    }
  };
  add("a: good", sampled({0.3, 24, 0.95, 0.4}, 1, 10, 0.002));
  add("b: dull", sampled({0.1, 25, 0.3, 0.4}, 1, 10, 0.002, 1));
  add("c: short", sampled({0.1, 25, 0.9, 0.4}, 1, 4, 0.002, 2));
  model::Samples ring = sampled({0, 25, 0, 0.4}, 1, 10, 0.002, 3);
  for (std::size_t k = 25; k < 29; ++k) ring.response[k] = 0.1;  // a dip as narrow as of a ring
  add("d: ring", ring);
  const model::Curves curves = model::import_curves(table, {22}, "table");
  study::FitSettings settings;
  settings.kind = "fringe";
  Progress progress;
  const model::Model fitted = study::fit(curves, platform::Process{}, {}, settings, progress);
  const model::ChipModel& chip = fitted.chips.at(0);
  CHECK(chip.kind == "fringe");
  CHECK(chip.parameters == std::vector<std::string>{"offset_rad", "p_pi_mw", "visibility", "offset"});
  CHECK(chip.values.data[0] == Approx(0.3).margin(0.01));
  CHECK(chip.values.data[1] == Approx(24).epsilon(0.01));
  CHECK(chip.remarks[0].empty());
  CHECK(chip.remarks[1] == "visibility 0.3: most of the light did not pass this shifter");
  CHECK_THAT(chip.remarks[2], Catch::Matchers::Contains("of a turn: the rest of the fringe is a guess"));
  CHECK(chip.remarks[3].find("not the shape of a fringe") != std::string::npos);
}

TEST_CASE("a shifter that does not respond is named, held, and stands where its light says") {
  model::CurveTable table;
  const auto add = [&](const char* name, const model::Samples& samples) {
    for (std::size_t k = 0; k < samples.response.size(); ++k) {
      table.element.emplace_back(name);
      table.control.push_back(samples.control[k]);
      table.response.push_back(samples.response[k]);
      table.sigma.push_back(samples.sigma);
    }
  };
  add("a: alive", sampled({0.3, 24, 0.95, 0.5}, 1, 10, 0.004));
  add("b: dead", sampled({0, 25, 0, 0.8}, 1, 10, 0.004, 1));
  study::FitSettings settings;
  settings.kind = "fringe";
  Progress progress;
  const model::Curves curves = model::import_curves(table, {22}, "table");
  const model::Model fitted = study::fit(curves, platform::Process{}, {}, settings, progress);
  const model::ChipModel& chip = fitted.chips.at(0);
  REQUIRE(chip.dead.data == std::vector<double>{0, 1});
  CHECK(chip.remarks[1].find("does not respond to its heater: constant at 0.8") == 0);
  const double* dead = chip.values.data.data() + 4;
  CHECK(0.5 * (1 + std::cos(dead[0])) == Approx(0.8).margin(0.002));
  CHECK(dead[2] == 0);
  CHECK(chip.chi_square.data[0] == Approx(1).margin(0.6));
  CHECK(chip.assumed == std::vector<std::string>{"mzi.kappa (rad/K)", "mzi.resistance (ohm)"});
}

TEST_CASE("light that falls with the heat leaves the fringe as it is, and is told") {
  for (const model::FallShape shape : {model::FallShape::exponential, model::FallShape::linear}) {
    for (const double sigma : {0.0, 0.003}) {
      model::Samples samples = sampled({0.6, 25, 0.95, 0.5}, 1, 10.5, sigma);
      for (std::size_t k = 0; k < samples.response.size(); ++k) {
        const double power = 1e-3 * resistance * samples.control[k] * samples.control[k];
        samples.response[k] *= model::Fall{shape, 0.01, 0}.at(power).left;
      }
      const platforms::mzi::lab::FringeFit fit = platforms::mzi::lab::fit_fringe(samples, 1, resistance, 25);
      INFO("shape " << int(shape) << ", sigma " << sigma);
      if (sigma == 0) {
        CHECK(fit.fall.shape == shape);
        CHECK(fit.fall.per_mw == Approx(0.01).epsilon(1e-6));
        CHECK(fit.fringe.theta0_rad == Approx(0.6).epsilon(1e-6));
        CHECK(fit.fringe.p_pi_mw == Approx(25).epsilon(1e-6));
      } else {  // the shape is not told, and the standard errors say so
        const auto within = [&](double value, double truth, double variance) {
          CHECK(std::abs(value - truth) < 3 * std::sqrt(variance));
        };
        within(fit.fall.per_mw, 0.01, fit.fall.sigma * fit.fall.sigma);
        within(fit.fringe.theta0_rad, 0.6, fit.covariance(0, 0));
        within(fit.fringe.p_pi_mw, 25, fit.covariance(1, 1));
        CHECK(fit.covariance(0, 0) < 0.07 * 0.07);
      }
    }
  }
  CHECK(platforms::mzi::lab::fit_fringe(sampled({0.6, 25, 0.95, 0.5}, 1, 10.5, 0.003), 1, resistance, 25)
            .fall.shape == model::FallShape::none);
}

TEST_CASE("a fringe is fitted with the temperature of each reading") {
  constexpr double kappa = 0.05;
  model::Samples samples = sampled({0.6, 25, 0.95, 0.5}, 1, 10.5, 0);
  for (std::size_t k = 0; k < samples.response.size(); ++k) {
    samples.drift_k.push_back(std::sin(0.1 * double(k)));
    const double phase = 0.6 + pi / 25 * 1e-3 * resistance * samples.control[k] * samples.control[k];
    samples.response[k] = 0.5 * (1 + 0.95 * std::cos(phase + kappa * samples.drift_k[k]));
  }
  const platforms::mzi::lab::FringeFit fit =
      platforms::mzi::lab::fit_fringe(samples, 1, resistance, 25, kappa);
  CHECK(fit.fringe.theta0_rad == Approx(0.6).epsilon(1e-6));
  CHECK(fit.rms < 1e-9);
  CHECK(platforms::mzi::lab::fit_fringe(samples, 1, resistance, 25).rms > 1e-4);
}
