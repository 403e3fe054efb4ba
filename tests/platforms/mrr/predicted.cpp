// Curves that a model expects, against its formulas and against the residuals that its fit tells.
#include "pnn/study/predicted.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/study/fit.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"
#include "tests/process.hpp"

using namespace pnn;
using Catch::Matchers::Contains;

namespace {

constexpr std::size_t points = 61;

/// Two imported rings at two temperatures, in equal steps of current, from the formula of a lone ring with a
/// gain and an offset; the second has no samples at the first temperature.
model::Curves measured(const platforms::mrr::Process& process) {
  model::ChipCurves chip;
  chip.key = model::imported_chip;
  chip.elements = {"a", "b"};
  chip.temperature_c = {process.reference_temperature_c, process.reference_temperature_c + 1};
  chip.control = chip.response = Array<double>({1, 2, 2, points});
  chip.sigma = Array<double>({1, 2, 2, points}, 0.01);
  std::size_t at = 0;
  for (const double delta : {0.5, 0.7}) {
    for (const double offset_k : {0.0, 1.0}) {
      for (std::size_t p = 0; p < points; ++p, ++at) {
        const double current = 4.8 * double(p) / (points - 1);
        const double power = 1e-3 * process.resistance_ohm * current * current;
        const auto ring = platforms::mrr::ring_transmission(
            delta - process.eta_nm_per_mw * power - process.kappa_nm_per_k * offset_k, process.fsr_nm,
            process.r, process.r, process.a);
        chip.control.data[at] = current;
        // what no formula holds, so that residuals are not rounding alone
        chip.response.data[at] = 0.9 * (ring.drop - ring.thru) + 0.05 + 0.01 * std::sin(7.0 * double(at));
      }
    }
  }
  for (std::size_t p = 0; p < points; ++p) chip.response.data[2 * points + p] = std::nan("");
  return {{chip}, 4, 0};
}

double rms_of(const model::ChipCurves& a, const model::ChipCurves& b, std::size_t element) {
  double squares = 0, count = 0;
  for (std::size_t k = 0; k < 2 * points; ++k) {
    const std::size_t at = element * 2 * points + k;
    if (!std::isfinite(b.response.data[at])) continue;
    CHECK(a.control.data[at] == Approx(b.control.data[at]).margin(1e-12));
    squares += std::pow(a.response.data[at] - b.response.data[at], 2), count += 1;
  }
  return std::sqrt(squares / count);
}

}  // namespace

TEST_CASE("what a model expects misses the measured curves by the residual that its fit tells") {
  const platform::Process process;
  const model::Curves curves = measured(process.as<platforms::mrr::Process>());
  Progress quiet;
  for (const char* kind : {"lorentzian", "airy", "spline"}) {
    INFO(kind);
    study::FitSettings settings;
    settings.kind = kind;
    const model::Model model = study::fit(curves, process, {}, settings, quiet);
    const model::ChipCurves expected = study::predicted_curves(model, curves, points).chips.front();
    CHECK(expected.elements == curves.chips.front().elements);
    // of the second ring one sweep alone was measured, whose gain and offset are those of the file
    const double told = model.chips.front().rms_residual.data[1];
    CHECK(told > 1e-3);
    CHECK(rms_of(expected, curves.chips.front(), 1) == Approx(told).epsilon(1e-6));
    // gains of the first ring are a sweep's own, and the file's those of the reference temperature
    CHECK(rms_of(expected, curves.chips.front(), 0) ==
          Approx(model.chips.front().rms_residual.data[0]).epsilon(0.05));
    CHECK(std::isnan(expected.response.data[2 * points]));
    CHECK(std::isnan(expected.control.data[2 * points]));
  }
}

TEST_CASE("design values are expected with the sign of the detector") {
  platform::Process process;
  const std::vector<platform::AnyPlan> plans{
      platforms::mrr::BankPlan{"mrr1", 1, 2, 1, 2, platforms::mrr::Reuse::time}};
  model::Curves curves = measured(process.as<platforms::mrr::Process>());
  curves.chips.front().key = plans.front()->chip_key();
  const auto first = [&](platforms::mrr::Polarity polarity) {
    test::edit<platforms::mrr::Process>(process)->set(polarity);
    return study::predicted_curves(model::nominal_model(plans, process), curves, 2).chips.front();
  };
  const model::ChipCurves drop = first(platforms::mrr::Polarity::drop_thru),
                          thru = first(platforms::mrr::Polarity::thru_drop);
  const auto ring = platforms::mrr::ring_transmission(
      process.as<platforms::mrr::Process>().delta_nm, process.as<platforms::mrr::Process>().fsr_nm,
      process.as<platforms::mrr::Process>().r, process.as<platforms::mrr::Process>().r,
      process.as<platforms::mrr::Process>().a);
  CHECK(drop.response.data[0] == Approx(ring.drop - ring.thru));
  CHECK(thru.response.data[0] == Approx(-drop.response.data[0]));
  // a kelvin moves it by kappa
  const auto warm = platforms::mrr::ring_transmission(
      process.as<platforms::mrr::Process>().delta_nm - process.as<platforms::mrr::Process>().kappa_nm_per_k,
      process.as<platforms::mrr::Process>().fsr_nm, process.as<platforms::mrr::Process>().r,
      process.as<platforms::mrr::Process>().r, process.as<platforms::mrr::Process>().a);
  CHECK(drop.response.data[2] == Approx(warm.drop - warm.thru));
}

TEST_CASE("chips that hold no rings have no such curves") {
  const platform::Process process;
  model::Model model;
  model.process = process;
  model.chips.resize(1);
  model.chips.front().key = model::imported_chip;
  model.chips.front().kind = "fringe";
  model.chips.front().parameters = {"offset_rad", "p_pi_mw", "visibility", "offset"};
  CHECK_THAT(
      test::message_of<UsageError>([&] {
        static_cast<void>(study::predicted_curves(model, measured(process.as<platforms::mrr::Process>()), 9));
      }),
      Contains("--predicted: is of curves of rings"));
}
