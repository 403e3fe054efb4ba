// What a fit says where a curve tells little, and of rings that the process does not make.
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/lab/ring_curve.hpp"
#include "pnn/platforms/mrr/lab/ring_prior.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/platforms/mzi/lab/fringe_fit.hpp"
#include "pnn/platforms/mzi/lab/mesh_fit.hpp"
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

double fwhm_nm(double r, const platforms::mrr::Process& p) {
  const double g = r * r * p.a;
  return p.fsr_nm * (1 - g) / (std::numbers::pi * std::sqrt(g));
}

/// A ring that the process makes and one that it does not, alone on its bus, against current in mA.
struct LoneRing {
  double delta_nm = 0.59, r = 0.955, beta_per_ma2 = 0.004;
  [[nodiscard]] double weight(double current_ma, const platforms::mrr::Process& p) const {
    const double heat = platforms::mrr::heater_power_mw(current_ma, p.resistance_ohm, beta_per_ma2);
    const auto t = platforms::mrr::ring_transmission(delta_nm - p.eta_nm_per_mw * heat, p.fsr_nm, r, r, p.a);
    return t.drop - t.thru;
  }
};

/// One imported element: responses of `ring` at currents up to `last_ma`, written in another unit.
template <class Unit>
Curves imported(const LoneRing& ring, double last_ma, double noise, const Unit& control_of, double gain = 1) {
  const platforms::mrr::Process process;
  constexpr std::size_t points = 41;
  ChipCurves chip;
  chip.key = imported_chip;
  chip.elements = {"a"};
  chip.temperature_c = {22};
  chip.control = chip.response = chip.sigma = Array<double>({1, 1, 1, points});
  for (std::size_t k = 0; k < points; ++k) {
    const double current = last_ma * std::sqrt(double(k) / double(points - 1));
    chip.control.data[k] = control_of(current);
    chip.response.data[k] =
        gain * (ring.weight(current, process) + noise * normal({3, Purpose::test}, std::uint32_t(k)));
  }
  Curves curves;
  curves.chips.push_back(std::move(chip));
  return curves;
}

ChipModel fitted(const std::string& kind, const Curves& curves, const platform::Process& process = {},
                 std::vector<platform::AnyPlan> plans = {}) {
  Progress progress;
  FitSettings settings;
  settings.kind = kind;
  return fit(curves, process, std::move(plans), settings, progress).chips.at(0);
}

/// (fit − truth) / standard error of each ring of a chip: of δ, ln(1 − r) and β, which one temperature tells
/// up to the ring's own η R, in which all powers are counted.
struct Pulls {
  std::vector<double> of[3];
};
Pulls pulls_of(const platforms::mrr::Process& process, std::uint64_t seed, double last_share) {
  const tests::SyntheticChip chip(process, seed);
  ChipCurves curves = chip.sweep({22}, 61, 0.02, seed);
  // what was not measured: the upper part of the heater's power
  const double last = process.current_max_ma * std::sqrt(last_share) * (1 + 1e-9);
  for (std::size_t k = 0; k < curves.control.size(); ++k)
    if (curves.control.data[k] > last) curves.response.data[k] = curves.control.data[k] = std::nan("");
  Curves all;
  all.chips.push_back(curves);
  const ChipModel c = fitted("airy", all, process, {chip.plan});
  const std::size_t count = c.parameters.size();
  Pulls pulls;
  for (std::size_t ring = 0; ring < c.elements.size(); ++ring) {
    const double* value = c.values.data.data() + ring * count;
    const auto error = [&](std::size_t k) {
      return std::sqrt(c.covariance.data[(ring * count + k) * count + k]);
    };
    if (!(error(0) > 0)) continue;
    const double scale = chip.truth.eta_nm_per_mw[ring] * chip.truth.resistance_ohm[ring] /
                         (process.eta_nm_per_mw * process.resistance_ohm);
    const double r =
        self_coupling_of_width(fwhm_nm(chip.truth.r[ring], process) / scale, process.fsr_nm, process.a);
    const double log_width = std::log((1 - value[1]) / (1 - r));
    pulls.of[0].push_back((value[0] - chip.truth.delta_nm[ring] / scale) / error(0));
    pulls.of[1].push_back(log_width / (error(1) / (1 - value[1])));
    pulls.of[2].push_back((value[2] - chip.truth.beta_per_ma2[ring]) / error(2));
  }
  return pulls;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / double(values.size());
}
double rms_about_mean(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / double(values.size() - 1));
}

platforms::mrr::Process wide_process() {
  platforms::mrr::Process process;
  process.delta_sigma_nm = 0.1, process.eta_sigma = 0.06, process.resistance_sigma = 0.04;
  process.beta_sigma = 0.5, process.r_sigma = 0.008;
  return process;
}

}  // namespace

// Of n = 128 standard normal numbers the mean has an error of 0.09 and their deviation one of 0.06: four of
// them bound both. The priors are wider than the process, so that the deviation may be below 1 where they
// help.
TEST_CASE("on chips of wide spreads the errors of a fit are what they say, without bias") {
  const Pulls pulls = pulls_of(wide_process(), 5, 1);
  for (const std::vector<double>& of : pulls.of) {
    REQUIRE(of.size() >= 120);
    CAPTURE(mean_of(of), rms_about_mean(of));
    CHECK(std::abs(mean_of(of)) < 0.36);
    CHECK(rms_about_mean(of) < 1.24);
    CHECK(rms_about_mean(of) > 0.7);
  }
}

TEST_CASE("a curve that ends on the flank gives no error that it does not state") {
  const Pulls pulls = pulls_of(wide_process(), 6, 0.55);
  for (const std::vector<double>& of : pulls.of) {
    REQUIRE(of.size() >= 100);
    CAPTURE(mean_of(of), rms_about_mean(of));
    CHECK(std::abs(mean_of(of)) < 0.5);
    CHECK(rms_about_mean(of) < 1.24);
  }
}

TEST_CASE("what a flank alone does not tell stays near the design, and the remark names it") {
  const LoneRing ring;
  const auto in_ma = [](double current) { return current; };
  int named = 0;
  for (const double last : {2.6, 3.0, 3.4, 3.8}) {
    const ChipModel c = fitted("airy", imported(ring, last, 0.01, in_ma, -0.4));
    INFO("up to " << last << " mA: " << c.remarks[0]);
    const double* value = c.values.data.data();
    const platforms::mrr::Process design;
    CHECK(value[0] == Approx(design.delta_nm).margin(0.25));
    CHECK(fwhm_nm(value[1], design) < 2 * fwhm_nm(design.r, design));
    CHECK(fwhm_nm(value[1], design) > fwhm_nm(design.r, design) / 2);
    const double rise = value[2] * 5.2 * 5.2;  // of the resistance, over the range
    CHECK(std::abs(rise) < 0.5);
    named += c.remarks[0].find("the curve does not tell beta") != std::string::npos ? 1 : 0;
  }
  CHECK(named >= 3);
}

TEST_CASE("controls in another unit give rings that the process does not make, and are told") {
  const LoneRing ring;
  const auto remark = [&](const auto& unit) {
    return fitted("airy", imported(ring, 5.2, 0.003, unit)).remarks.at(0);
  };
  CHECK(remark([](double i) { return i; }).empty());
  CHECK_THAT(remark([](double i) { return 0.5 * i; }), Contains("where the process makes"));      // V
  CHECK_THAT(remark([](double i) { return 0.5 * i * i; }), Contains("where the process makes"));  // mW
  CHECK_THAT(remark([](double i) { return 1e-3 * i; }), Contains("is their unit mA?"));
  CHECK_THAT(remark([](double i) { return std::round(400 * i); }), Contains("is their unit mA?"));
}

TEST_CASE("a ring that the process does not make keeps its values, and is told with those of the process") {
  const auto in_ma = [](double current) { return current; };
  for (const char* kind : {"airy", "lorentzian"}) {
    const ChipModel c = fitted(kind, imported({0.35, 0.955, 0.004}, 5.2, 0.002, in_ma));
    INFO(kind << ": " << c.remarks[0]);
    CHECK_THAT(c.remarks[0], Contains("where the process makes"));
    if (c.kind == "airy") {
      CHECK(c.values.data[0] == Approx(0.35).epsilon(0.02));
      CHECK(c.values.data[1] == Approx(0.955).margin(0.002));
      CHECK_THAT(c.remarks[0], Contains("delta is 0.35 nm, where the process makes 0.575"));
    }
  }
  const ChipModel wide = fitted("airy", imported({0.59, 0.9, 0.004}, 5.2, 0.002, in_ma));
  CHECK_THAT(wide.remarks[0], Contains("r is 0.9, where the process makes 0.955"));
  CHECK(wide.values.data[1] == Approx(0.9).margin(0.005));
}

TEST_CASE("a residual of many standard errors is told, even where it is small") {
  const LoneRing ring;
  Curves curves = imported(ring, 5.2, 0.001, [](double current) { return current; });
  ChipCurves& chip = curves.chips[0];
  for (std::size_t k = 0; k < chip.sigma.size(); ++k) {
    chip.sigma.data[k] = 0.001;
    chip.response.data[k] *= 1 + 0.05 * std::sin(double(k));  // what no ring does
  }
  CHECK_THAT(fitted("airy", curves).remarks[0], Contains("residual of") && Contains("standard errors"));
}

TEST_CASE("fringes of heaters of any resistance are found, and the numbers of the process to set are named") {
  const platforms::mzi::Process process;
  for (const double resistance : {20.0, 100.0, 500.0, 4000.0}) {
    for (const double p_pi : {3.0, 25.0, 60.0}) {
      // one and a half turns, whatever the heater
      const double largest = std::sqrt(3 * p_pi / (1e-3 * resistance));
      Curves curves = imported(LoneRing(), largest, 0, [](double current) { return current; });
      ChipCurves& chip = curves.chips[0];
      for (std::size_t k = 0; k < chip.control.size(); ++k) {
        const double power = 1e-3 * resistance * std::pow(chip.control.data[k], 2);
        chip.response.data[k] = 0.47 * (1 + 0.97 * std::cos(0.4 + std::numbers::pi * power / p_pi));
      }
      const ChipModel c = fitted("fringe", curves);
      INFO(resistance << " ohm, " << p_pi << " mW: " << c.remarks[0]);
      CHECK(c.values.data[0] == Approx(0.4).epsilon(1e-5));
      CHECK(c.values.data[1] == Approx(p_pi * process.resistance_ohm / resistance).epsilon(1e-5));
      CHECK(c.values.data[2] == Approx(0.97).epsilon(1e-5));
      const double ratio = c.values.data[1] / process.p_pi_mw;
      const bool told = c.remarks[0].find("set mzi.resistance or mzi.p.pi") != std::string::npos;
      CHECK(told == (ratio > 1.5 || ratio < 1 / 1.5));
    }
  }
}
