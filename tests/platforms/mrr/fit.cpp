#include "pnn/study/fit.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/lab/readings.hpp"
#include "pnn/platforms/mrr/model_rings.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/study/summary.hpp"
#include "tests/catch.hpp"
#include "tests/platforms/mrr/synthetic.hpp"

using namespace pnn;
using namespace pnn::model;
using namespace pnn::study;
using namespace pnn::platforms::mrr;
using namespace pnn::platforms::mrr::lab;

namespace {

platforms::mrr::Process small_chip() {
  platforms::mrr::Process process;
  process.chip_rows = 4;
  process.chip_cols = 3;
  return process;
}

Curves of(ChipCurves chip) {
  Curves curves;
  curves.chips.push_back(std::move(chip));
  return curves;
}

Model fit_kind(const std::string& kind, const Curves& curves, const platforms::mrr::Process& process,
               std::vector<platform::AnyPlan> plans) {
  Progress progress;
  FitSettings settings;
  settings.kind = kind;
  return fit(curves, process, std::move(plans), settings, progress);
}

/// A curve of one imported element.
ChipCurves lone_curve(const std::vector<double>& control, const std::vector<double>& response) {
  ChipCurves chip;
  chip.key = imported_chip;
  chip.elements = {"a"};
  chip.temperature_c = {22};
  chip.control = chip.response = chip.sigma = Array<double>({1, 1, 1, control.size()});
  chip.control.data = control, chip.response.data = response;
  return chip;
}

std::vector<double> powers(std::size_t points, double largest) {
  std::vector<double> out;
  for (std::size_t k = 0; k < points; ++k) out.push_back(largest * std::sqrt(double(k) / double(points - 1)));
  return out;
}

/// Largest |W(model) − curve| over all samples, through the maps that a trainer uses.
double map_error(const Model& model, const ChipCurves& chip, std::size_t sweep) {
  const auto maps = make_maps<double>(model, 0);
  const std::size_t sweeps = chip.response.dim(2), points = chip.response.dim(3);
  const platforms::mrr::BankPlan& plan = *platforms::mrr::bank_of(model.plans[0]);
  std::vector<double> controls(std::size_t(plan.weights()), 0.0);
  Matrix<double> weights(plan.out, plan.in);
  double worst = 0;
  for (std::size_t ring = 0; ring < chip.elements.size(); ++ring) {
    for (std::size_t p = 0; p < points; ++p) {
      const std::size_t at = (ring * sweeps + sweep) * points + p;
      controls[ring] = chip.control.data[at];
      maps[0]->evaluate(
          {controls,
           {},
           chip.temperature_c[sweep] - model.process.as<platforms::mrr::Process>().reference_temperature_c},
          view(weights));
      worst = std::max(worst, std::abs(weights.data()[ring] - chip.response.data[at]));
    }
    controls[ring] = 0;
  }
  return worst;
}

}  // namespace

TEST_CASE("an exact Lorentzian in heater power is fitted to rounding") {
  platforms::mrr::Process process;
  const std::vector<double> control = powers(41, 5.2);
  for (const double amplitude : {1.8, -2.1}) {
    std::vector<double> response;
    for (const double current : control) {
      const double u = (9.3 - 1e-3 * 500 * current * current) / 2.2;
      response.push_back(0.1 - amplitude / 2 + amplitude / (1 + u * u));
    }
    const ChipModel chip = fit_kind("lorentzian", of(lone_curve(control, response)), process, {}).chips.at(0);
    REQUIRE(chip.parameters == std::vector<std::string>{"p_res_mw", "p_hw_mw", "amplitude", "offset"});
    CHECK(chip.values.data[0] == Approx(9.3).epsilon(1e-6));
    CHECK(chip.values.data[1] == Approx(2.2).epsilon(1e-6));
    CHECK(chip.values.data[2] == Approx(amplitude).epsilon(1e-6));
    CHECK(chip.values.data[3] == Approx(0.1 - amplitude / 2).margin(1e-6));
    CHECK(chip.rms_residual.data[0] < 1e-6);
    CHECK(chip.remarks[0].empty());
  }
}

TEST_CASE("a lone ring is fitted exactly by the airy formula, and η by a second temperature") {
  platforms::mrr::Process process = small_chip();
  process.reach = 0, process.crosstalk = 0;
  const tests::SyntheticChip chip(process, 4);
  const Model model = fit_kind("airy", of(chip.sweep({21.5, 22.5}, 41, 0, 1)), process, {chip.plan});
  const ChipModel& c = model.chips.at(0);
  REQUIRE(c.parameters ==
          std::vector<std::string>{"delta_nm", "r", "beta_per_ma2", "gain", "offset", "eta_nm_per_mw"});
  for (std::size_t ring = 0; ring < 12; ++ring) {
    const double* value = c.values.data.data() + ring * 6;
    CHECK(value[0] == Approx(chip.truth.delta_nm[ring]).epsilon(1e-5));
    CHECK(value[1] == Approx(chip.truth.r[ring]).epsilon(1e-6));
    CHECK(value[2] == Approx(chip.truth.beta_per_ma2[ring]).epsilon(1e-3));
    CHECK(value[3] == Approx(1).epsilon(1e-5));
    CHECK(value[4] == Approx(0).margin(1e-5));
    CHECK(value[5] * process.resistance_ohm ==
          Approx(chip.truth.eta_nm_per_mw[ring] * chip.truth.resistance_ohm[ring]).epsilon(1e-5));
  }
}

// One temperature: R and η scale everything that a curve shows, so that what is recovered is δ/(ηR), β and
// the width in power. In a bank the gain and offset take up the neighbours' light exactly (it is affine in
// 1/D).
TEST_CASE("a curve in a bank gives the resonance within three standard errors for 95 % of the rings") {
  const platforms::mrr::Process process;
  const tests::SyntheticChip chip(process, 1);
  const Model model = fit_kind("airy", of(chip.sweep({22}, 61, 0.02, 5)), process, {chip.plan});
  const ChipModel& c = model.chips.at(0);
  const std::size_t count = c.parameters.size();
  int delta = 0, beta = 0;
  std::vector<double> errors;
  for (std::size_t ring = 0; ring < 128; ++ring) {
    const auto error = [&](std::size_t k) {
      return std::sqrt(c.covariance.data[(ring * count + k) * count + k]);
    };
    const double scale = chip.truth.eta_nm_per_mw[ring] * chip.truth.resistance_ohm[ring] /
                         (process.eta_nm_per_mw * process.resistance_ohm);
    const double* value = c.values.data.data() + ring * count;
    delta += std::abs(value[0] - chip.truth.delta_nm[ring] / scale) < 3 * error(0) ? 1 : 0;
    beta += std::abs(value[2] - chip.truth.beta_per_ma2[ring]) < 3 * error(2) ? 1 : 0;
    errors.push_back(error(0) / value[0]);
  }
  CHECK(delta >= 122);
  CHECK(beta >= 122);
  CHECK(median(errors) < 0.05);
}

TEST_CASE("crosstalk is found where there is no noise, and the map then is the chip") {
  const platforms::mrr::Process process = small_chip();
  const tests::SyntheticChip chip(process, 2);
  ChipCurves curves = chip.sweep({21, 22, 23}, 61, 0, 1);
  chip.sweep_pairs(curves, {1, 2}, 0, 1);
  const Model model = fit_kind("airy+crosstalk", of(curves), process, {chip.plan});
  const ChipModel& c = model.chips.at(0);
  // left out is the heat of the driven ring on its row's other rings while their light is measured: some 1e-3
  // of a weight, and 1 % of the crosstalk
  CHECK(c.more.at("crosstalk").data[0] == Approx(process.crosstalk).epsilon(0.02));
  CHECK(c.more.at("crosstalk").data[1] == Approx(process.crosstalk_length).epsilon(0.03));
  CHECK(map_error(model, curves, 1) < 0.005);
  const platforms::mrr::BankPhysics physics =
      model_physics(model.process.as<platforms::mrr::Process>(), model.chips.front(), 0);
  CHECK(physics.response == platforms::mrr::Response::airy_bank);
  CHECK(physics.crosstalk == c.more.at("crosstalk").data[0]);
}

TEST_CASE("the map of a fitted model follows the curves, for every kind and either polarity") {
  for (const auto polarity : {platforms::mrr::Polarity::drop_thru, platforms::mrr::Polarity::thru_drop}) {
    platforms::mrr::Process process = small_chip();
    process.set(polarity);
    const tests::SyntheticChip chip(process, 6);
    const ChipCurves curves = chip.sweep({22}, 61, 0, 1);
    // a Lorentzian knows no β and no periodicity; the others are exact up to heat on parked neighbours
    const std::vector<std::pair<std::string, double>> bounds = {
        {"lorentzian", 0.06}, {"airy", 0.005}, {"spline", 0.02}};
    for (const auto& [kind, bound] : bounds) {
      const Model model = fit_kind(kind, of(curves), process, {chip.plan});
      INFO(kind);
      CHECK(map_error(model, curves, 0) < bound);
    }
  }
}

TEST_CASE("nominal needs no curves, and tells how far they are from the design when it has them") {
  const platforms::mrr::Process process = small_chip();
  const tests::SyntheticChip chip(process, 3);
  const Model bare = fit_kind("nominal", {}, process, {chip.plan});
  CHECK(bare.chips.at(0).rms_residual.data == std::vector<double>(12, 0.0));
  const ChipCurves curves = chip.sweep({22}, 41, 0, 1);
  const Model rated = fit_kind("nominal", of(curves), process, {chip.plan});
  CHECK(rated.chips.at(0).values.data == bare.chips.at(0).values.data);
  // β alone moves a resonance by 7 % of 0.6 nm; a tenth of that, at a slope of 6 a nm on a third of the
  // curve, is 0.004 · 6 / √3
  for (const double rms : rated.chips.at(0).rms_residual.data) {
    CHECK(rms > 0.014);
    CHECK(rms < 1);
  }
  const platforms::mrr::RingParameters rings =
      model_rings(bare.process.as<platforms::mrr::Process>(), chip_of(bare, platform::AnyPlan(chip.plan), 0),
                  chip.plan, 0);
  CHECK(rings.beta_per_ma2 == std::vector<double>(12, 0.0));
  CHECK(rings.delta_nm == std::vector<double>(12, process.delta_nm));
}

TEST_CASE("what is wrong with an element is said in plain words") {
  const platforms::mrr::Process process;
  const std::vector<double> control = powers(81, 5.2);
  const auto remark = [&](const auto& curve) {
    std::vector<double> response;
    for (const double current : control) response.push_back(curve(0.5 * current * current));
    return fit_kind("airy", of(lone_curve(control, response)), process, {}).chips.at(0).remarks.at(0);
  };
  const auto dip = [](double power, double at) { return -1.5 / (1 + std::pow((power - at) / 1.0, 2)); };
  CHECK(remark([&](double p) {
          return 1 + dip(p, 4) + dip(p, 10);
        }).find("2 dips in the range; try spline") != std::string::npos);
  CHECK(remark([&](double p) { return 1 + dip(p, 15); }).find("resonance beyond the range") == 0);
  CHECK_THAT(
      remark([&](double p) { return 1 + dip(p, 7); }),
      Catch::Matchers::Contains("r is ") && Catch::Matchers::Contains("where the process makes 0.955"));
  CHECK(remark([&](double p) { return 1 - 1.85 / (1 + std::pow((p - 8.6) / 2.15, 2)); }).empty());
  CHECK_FALSE(remark([](double) { return 0.3; }).empty());

  ChipCurves padded = lone_curve(control, std::vector<double>(81, std::nan("")));
  padded.control.data = padded.response.data;
  const ChipModel chip = fit_kind("airy", of(padded), process, {}).chips.at(0);
  CHECK(chip.remarks[0] == "not measured (no layer uses this ring): design values taken");
  CHECK(chip.values.data[0] == process.delta_nm);
  CHECK(chip.covariance.data[0] == 0);
}

TEST_CASE("gain and offset are those of the reference temperature, wherever the temperatures of sweeps lie") {
  const auto gain_at = [](const std::vector<double>& offset_k, const std::vector<double>& of_sweep) {
    double sum = 0, all = 0;
    for (const auto& [sweep, share] : shares_at_reference(offset_k)) {
      CHECK(share > 0);
      sum += share * of_sweep[std::size_t(sweep)], all += share;
    }
    CHECK(all == Approx(1));
    return sum;
  };
  CHECK(gain_at({-1, 0, 1}, {5, 7, 11}) == 7);
  CHECK(gain_at({-1, 1}, {5, 7}) == Approx(6));
  CHECK(gain_at({1, -1.001}, {7, 5}) == Approx(6.001).margin(1e-3));
  CHECK(gain_at({-0.5, 1.5}, {5, 7}) == Approx(5.5));
  CHECK(gain_at({0.4, 2}, {5, 7}) == 5);
  CHECK(gain_at({-3, -0.4}, {5, 7}) == 7);
  CHECK(gain_at({0.01, -1, 0}, {6, 100, 8}) == Approx(7).margin(1));  // both ways of a sweep, within a jitter
  CHECK(gain_at({0.02, 0.021}, {6, 8}) == Approx(7));
  CHECK(gain_at({0.4}, {5}) == 5);

  // temperatures that a sensor reads 0.001 K further do not move the gain by its standard errors
  const tests::SyntheticChip chip(small_chip());
  const auto fitted = [&](double hot, double apart) {
    ChipCurves curves = chip.sweep({21, hot}, 60, 0.004, 3);
    const std::size_t half = 60;
    for (std::size_t k = 0; k < curves.response.data.size(); ++k)  // a gain of its own at either temperature
      curves.response.data[k] *= k / half % 2 == 0 ? 1 - apart : 1 + apart;
    return fit_kind("airy", of(std::move(curves)), chip.process, {chip.plan}).chips.front();
  };
  const ChipModel at_23 = fitted(23, 0.1), nearly = fitted(23.001, 0.1), colder = fitted(22.999, 0.1),
                  alike = fitted(23, 0);
  const std::size_t count = at_23.parameters.size();
  const auto gain = std::size_t(std::find(at_23.parameters.begin(), at_23.parameters.end(), "gain") -
                                at_23.parameters.begin());
  for (std::size_t ring = 0; ring < at_23.elements.size(); ++ring) {
    const std::size_t at = ring * count + gain;
    const double error = std::sqrt(at_23.covariance.data[at * count + gain]);
    CHECK(std::abs(nearly.values.data[at] - at_23.values.data[at]) < 0.2 * error);
    CHECK(std::abs(colder.values.data[at] - at_23.values.data[at]) < 0.2 * error);
    CHECK(at_23.values.data[at] == Approx(alike.values.data[at]).margin(0.03));  // 0.9 and 1.1 have mean 1
  }
}

TEST_CASE("rings of a network take imported elements in turn") {
  const platforms::mrr::Process process;
  const std::vector<double> control = powers(41, 5.2);
  ChipCurves two = lone_curve(control, {});
  two.elements = {"a", "b"};
  two.control = two.response = two.sigma = Array<double>({1, 2, 1, 41});
  for (std::size_t k = 0; k < 82; ++k) {
    two.control.data[k] = control[k % 41];
    const double u = ((k < 41 ? 8.0 : 11.0) - 0.5 * control[k % 41] * control[k % 41]) / 2.4;
    two.response.data[k] = 1 - 1.9 / (1 + u * u);
  }
  const platforms::mrr::BankPlan plan{"mrr1", 4, 5, 4, 3, platforms::mrr::Reuse::time};
  const Model model = fit_kind("lorentzian", of(two), process, {plan});
  const platforms::mrr::RingParameters rings = model_rings(
      model.process.as<platforms::mrr::Process>(), chip_of(model, platform::AnyPlan(plan), 0), plan, 0);
  REQUIRE(rings.delta_nm.size() == 12);
  for (std::size_t k = 0; k < 12; ++k) {
    CHECK(rings.delta_nm[k] == Approx((k % 2 == 0 ? 8.0 : 11.0) * process.eta_nm_per_mw).epsilon(1e-6));
    CHECK(rings.gain[k] == Approx(-1.9).epsilon(1e-6));
  }
  CHECK_THROWS_AS(model_rings(model.process.as<platforms::mrr::Process>(),
                              chip_of(model, platform::AnyPlan(plan), 1), plan, 1),
                  UsageError);
}

TEST_CASE("curves that do not belong to the network, or lack pairs, are refused with what to do") {
  const platforms::mrr::Process process = small_chip();
  const tests::SyntheticChip chip(process, 3);
  const Curves curves = of(chip.sweep({22}, 11, 0, 1));
  CHECK_THROWS_WITH(fit_kind("airy+crosstalk", curves, process, {chip.plan}),
                    Catch::Matchers::Contains("--crosstalk"));
  platforms::mrr::BankPlan other = chip.plan;
  other.chip_rows = 5;
  CHECK_THROWS_AS(fit_kind("airy", curves, process, {other}), InputError);
}

TEST_CASE("a summary counts what was not measured apart from what is bad") {
  ChipModel chip;
  chip.elements = {"a", "b", "c", "d"};
  chip.parameters = {"x"};
  chip.units = {"nm"};
  chip.values = Array<double>({1, 4, 1});
  chip.values.data = {1, 2, 3, 100};
  chip.covariance = Array<double>({1, 4, 1, 1});
  chip.covariance.data = {0.01, 0.04, 0.09, 0};
  chip.rms_residual = Array<double>({1, 4});
  chip.rms_residual.data = {0.1, 0.2, 0.3, 0};
  chip.remarks = {"", "rms 0.2", "",
                  std::string(unmeasured) + "no layer uses this ring): design values taken"};
  const ChipSummary summary = summarise(chip);
  CHECK(summary.rms_median == 0.2);
  CHECK(summary.rms_max == 0.3);
  CHECK(summary.parameters.at(0).median == 2);
  CHECK(summary.parameters.at(0).median_error == Approx(0.2));
  CHECK(summary.unmeasured == 1);
  CHECK(summary.bad == std::vector<std::string>{"b: rms 0.2"});
}
