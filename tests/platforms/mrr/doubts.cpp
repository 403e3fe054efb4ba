// What a fit tells of curves that are not simply those of rings: dead heaters, light that falls with the
// heat, temperatures that drift, and values that no ring has.
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/model_rings.hpp"
#include "pnn/platforms/mrr/platform.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/model/import.hpp"
#include "pnn/study/fit.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/synthetic.hpp"

using namespace pnn;
using namespace pnn::model;
using namespace pnn::study;
using namespace pnn::platforms::mrr;
using namespace pnn::platforms::mrr::lab;
using Catch::Matchers::Contains;

namespace {

Model fitted(const std::string& kind, ChipCurves chip, const platforms::mrr::Process& process,
             std::vector<platform::AnyPlan> plans = {}) {
  Curves curves;
  curves.chips.push_back(std::move(chip));
  Progress progress;
  FitSettings settings;
  settings.kind = kind;
  return fit(curves, process, std::move(plans), settings, progress);
}

double value_of(const ChipModel& chip, const std::string& name, std::size_t element = 0) {
  const auto at = std::find(chip.parameters.begin(), chip.parameters.end(), name) - chip.parameters.begin();
  return chip.values.data[element * chip.parameters.size() + std::size_t(at)];
}
double error_of(const ChipModel& chip, const std::string& name, std::size_t element = 0) {
  const std::size_t count = chip.parameters.size();
  const auto at =
      std::size_t(std::find(chip.parameters.begin(), chip.parameters.end(), name) - chip.parameters.begin());
  return std::sqrt(chip.covariance.data[(element * count + at) * count + at]);
}

/// One ring alone, at equal steps of current; `response_of(weight, power without β)`.
constexpr double delta_nm = 0.58, self_coupling = 0.955, beta = 0.004;
template <class ResponseOf>
ChipCurves lone(std::size_t points, double sigma, std::uint32_t draw, const ResponseOf& response_of) {
  const platforms::mrr::Process p;
  ChipCurves chip;
  chip.key = imported_chip;
  chip.elements = {"a"};
  chip.temperature_c = {22};
  chip.control = chip.response = Array<double>({1, 1, 1, points});
  chip.sigma = Array<double>({1, 1, 1, points}, sigma);
  for (std::size_t k = 0; k < points; ++k) {
    const double current = 5.2 * double(k) / double(points - 1);
    const double d = delta_nm - p.eta_nm_per_mw * heater_power_mw(current, p.resistance_ohm, beta);
    const auto t = ring_transmission(d, p.fsr_nm, self_coupling, self_coupling, p.a);
    chip.control.data[k] = current;
    chip.response.data[k] = response_of(t, heater_power_mw(current, p.resistance_ohm, 0)) +
                            sigma * normal({5, Purpose::test, 0, 0, draw}, std::uint32_t(k));
  }
  return chip;
}

}  // namespace

TEST_CASE("rings whose heaters are dead are named by every kind of model, which keeps them where they are") {
  platforms::mrr::Process process;
  process.chip_rows = 4;
  process.chip_cols = 3;
  tests::SyntheticChip chip(process, 3);
  const std::vector<std::size_t> dead = {1, 7};
  for (const std::size_t ring : dead) chip.truth.resistance_ohm[ring] = 0;
  chip.bank->set_rings(chip.truth);
  ChipCurves curves = chip.sweep({22, 24}, 41, 0.004, 1);
  chip.sweep_pairs(curves, {1, 2}, 0.004, 2);
  for (const char* kind : {"airy", "lorentzian", "spline", "airy+crosstalk"}) {
    for (const bool with_errors : {true, false}) {
      INFO(kind << (with_errors ? "" : ", without standard errors"));
      ChipCurves own = curves;
      if (!with_errors) std::fill(own.sigma.data.begin(), own.sigma.data.end(), 0.0);
      const Model model = fitted(kind, own, process, {chip.plan});
      const ChipModel& c = model.chips.at(0);
      REQUIRE(c.dead.shape == std::vector<std::size_t>{1, 12});
      const auto maps = make_maps<double>(model, 0);
      const std::vector<platform::ControlBounds> bounds = control_bounds(model, 0);
      for (std::size_t ring = 0; ring < 12; ++ring) {
        const bool is = std::find(dead.begin(), dead.end(), ring) != dead.end();
        CHECK((c.dead.data[ring] == 1) == is);
        CHECK((c.remarks[ring].find("does not respond to its heater") == 0) == is);
        CHECK((bounds[0].upper[ring] == 0) == is);
        if (!is) continue;
        const std::span<const double> measured = std::span(own.response.data).subspan(ring * 82, 41);
        double level = 0;
        for (const double response : measured) level += response / 41;
        std::vector<double> controls(12, 0.0), slopes(12);
        Matrix<double> weights(4, 3);
        for (const double current : {0.0, 3.5, 5.0}) {
          if (std::string(kind) == "airy+crosstalk" && current > 0) continue;  // its heater is held
          controls[ring] = current;
          maps[0]->evaluate({controls, {}, {}}, view(weights));
          CHECK(weights.data()[ring] == Approx(level).margin(0.01));
          maps[0]->slope({controls, {}, {}}, slopes);
          CHECK(slopes[ring] == 0);
        }
      }
    }
  }
}

TEST_CASE("light that falls with the heat does not spoil the ring, whichever way it falls, and is told") {
  for (const FallShape shape : {FallShape::exponential, FallShape::linear}) {
    const Fall truth{shape, 0.02, 0};
    std::size_t beyond = 0;
    for (std::uint32_t draw = 0; draw < 20; ++draw) {
      const auto light = [&](const auto& t, double power) { return 0.8 * t.thru * truth.at(power).left; };
      const ChipModel c = fitted("airy", lone(41, 0.002, draw, light), {}).chips.at(0);
      INFO(draw << ": " << c.remarks[0]);
      CHECK_THAT(c.remarks[0], Contains("its light falls by 2") || Contains("its light falls by 1."));
      CHECK(fall_of(c, 0, 0).per_mw == Approx(0.02).epsilon(0.3));
      CHECK(value_of(c, "beta_per_ma2") > 0);
      CHECK(std::sqrt(c.chi_square.data[0]) < 1.5);
      beyond += std::abs(value_of(c, "delta_nm") - delta_nm) > 3 * error_of(c, "delta_nm") ? 1 : 0;
      beyond += std::abs(value_of(c, "r") - self_coupling) > 3 * error_of(c, "r") ? 1 : 0;
    }
    CHECK(beyond <= 2);  // of 40
  }
  const auto constant = [](const auto& t, double) { return 0.8 * (t.drop - t.thru); };
  const ChipModel whole = fitted("airy", lone(41, 0.002, 1, constant), {}).chips.at(0);
  CHECK(whole.more.empty());
  CHECK(whole.remarks[0].empty());
  CHECK(value_of(whole, "delta_nm") == Approx(delta_nm).margin(3 * error_of(whole, "delta_nm")));
}

TEST_CASE("a residual of several standard errors is told where it is a small share of the curve") {
  const auto bent = [](const auto& t, double power) { return t.drop - t.thru + 0.02 * std::sin(2 * power); };
  const auto remark = [&](double sigma) {
    return fitted("airy", lone(41, sigma, 1, bent), {}).chips.at(0).remarks.at(0);
  };
  CHECK_THAT(remark(0.002), Contains("residual of") && Contains("standard errors"));
  CHECK_THAT(remark(0.02), !Contains("residual of"));
}

TEST_CASE("the held-out rms is that of a fit without each sample") {
  const auto weight = [](const auto& t, double) { return t.drop - t.thru; };
  const ChipCurves curves = lone(25, 0.01, 3, weight);
  const ChipModel all = fitted("airy", curves, {}).chips.at(0);
  double squares = 0;
  for (std::size_t out = 0; out < 25; ++out) {
    ChipCurves without = curves;
    without.response.data[out] = std::nan("");
    const Model model = fitted("airy", without, {});
    const ChipModel& c = model.chips.at(0);
    const BankPlan plan{"ring", 1, 1, 1, 1, Reuse::time};
    const auto bank = make_bank<double>(plan, model_physics(platforms::mrr::Process{}, c, 0),
                                        model_rings(platforms::mrr::Process{}, c, plan, 0));
    const std::vector<double> control = {curves.control.data[out]};
    Matrix<double> predicted(1, 1);
    bank->evaluate({control, {}, {}}, view(predicted));
    squares += std::pow(predicted(0, 0) - curves.response.data[out], 2);
  }
  CHECK(all.held_out.data[0] == Approx(std::sqrt(squares / 25)).epsilon(0.15));
  CHECK(all.held_out.data[0] > all.rms_residual.data[0]);
}

TEST_CASE("values that no ring has are named with their bound") {
  const auto response = [](double gain) {
    return [gain](const auto& t, double) { return gain * (t.drop - t.thru); };
  };
  CHECK_THAT(fitted("airy", lone(41, 0.01, 1, response(3)), {}).chips.at(0).remarks[0],
             Contains("gain 3 is above 2: a weight lies between -1 and 1"));
  ChipCurves falling = lone(61, 0.0005, 1, response(1));
  const platforms::mrr::Process p;
  for (std::size_t k = 0; k < 61; ++k) {  // a resistance that falls with the heat
    const double heat = heater_power_mw(falling.control.data[k], p.resistance_ohm, -0.002);
    const auto t = ring_transmission(0.5 - p.eta_nm_per_mw * heat, p.fsr_nm, 0.955, 0.955, p.a);
    falling.response.data[k] = t.drop - t.thru;
  }
  CHECK_THAT(fitted("airy", falling, {}).chips.at(0).remarks[0],
             Contains("beta_per_ma2 -0.002 is below 0: the resistance of this process rises with heat"));
}

TEST_CASE("a temperature that drifts by a kelvin within each sweep spoils neither resonance nor efficiency") {
  const platforms::mrr::Process p;
  CurveTable table;
  for (const double start : {21.0, 24.0}) {
    for (std::size_t k = 0; k < 81; ++k) {
      const double current = 5.2 * double(k) / 80, temperature = start + std::sin(0.06 * double(k));
      const double heat = heater_power_mw(current, p.resistance_ohm, beta);
      const double d = delta_nm - 0.065 * heat - p.kappa_nm_per_k * (temperature - 22);
      const auto t = ring_transmission(d, p.fsr_nm, self_coupling, self_coupling, p.a);
      table.element.emplace_back("a");
      table.control.push_back(current);
      table.response.push_back(t.drop - t.thru +
                               0.001 * normal({6, Purpose::test, 0, 0, 1}, std::uint32_t(table.rows())));
      table.temperature_c.push_back(temperature);
    }
  }
  ImportRules rules;
  rules.temperature_tolerance_k = 0.1;
  const Curves curves = import_curves(table, rules, "bench.csv");
  REQUIRE(curves.chips.at(0).temperature_c.size() == 2);
  for (const char* kind : {"airy", "lorentzian", "spline"}) {
    INFO(kind);
    const ChipModel c = fitted(kind, curves.chips.at(0), {}).chips.at(0);
    const bool airy = std::string(kind) == "airy";
    // without β, heat near the resonance at 16.7 mA² counts 1 + 2 β I² times
    CHECK(value_of(c, "eta_nm_per_mw") == Approx(airy ? 0.065 : 0.0737).epsilon(airy ? 0.005 : 0.03));
    if (airy) CHECK(value_of(c, "delta_nm") == Approx(delta_nm).margin(0.002));
    ChipCurves blind = curves.chips.at(0);
    blind.reading_temperature_c = {};
    CHECK(c.rms_residual.data[0] < 0.7 * fitted(kind, blind, {}).chips.at(0).rms_residual.data[0]);
  }
}

TEST_CASE("a sweep through negative currents gives the ring of its positive half") {
  const auto weight = [](const auto& t, double) { return t.drop - t.thru; };
  const ChipCurves half = lone(41, 0, 0, weight);
  ChipCurves both = half;
  both.control = both.response = both.sigma = Array<double>({1, 1, 1, 81});
  for (std::size_t k = 0; k < 81; ++k) {
    const std::size_t from = k < 40 ? 40 - k : k - 40;
    both.control.data[k] = (k < 40 ? -1 : 1) * half.control.data[from];
    both.response.data[k] = half.response.data[from];
  }
  const ChipModel c = fitted("airy", both, {}).chips.at(0);
  CHECK(value_of(c, "delta_nm") == Approx(delta_nm).epsilon(1e-3));
  CHECK(value_of(c, "beta_per_ma2") == Approx(beta).epsilon(1e-2));
  CHECK(c.remarks[0].empty());
}

TEST_CASE("design values are doubted as fits are where curves speak against them") {
  platforms::mrr::Process process;
  process.chip_rows = 2;
  process.chip_cols = 2;
  tests::SyntheticChip chip(process, 3);
  chip.truth.resistance_ohm[1] = 0;
  chip.truth.delta_nm[2] += 0.4;
  chip.bank->set_rings(chip.truth);
  const ChipModel c = fitted("nominal", chip.sweep({22}, 41, 0.004, 1), process, {chip.plan}).chips.at(0);
  CHECK_THAT(c.remarks[1], Contains("does not respond to its heater"));
  CHECK_THAT(c.remarks[2], Contains("against its design"));
  CHECK(std::sqrt(c.chi_square.data[2]) > 10);
  CHECK(c.noise_from == std::vector<std::string>{"standard errors"});
}
