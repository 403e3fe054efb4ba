// Sweeps of a virtual bank's lasers give back the rings that were drawn, and continue where they stopped.
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/lab/spectrum_fit.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/study/characterize.hpp"
#include "tests/catch.hpp"
#include "tests/hidden.hpp"
#include "tests/message.hpp"

using namespace pnn;
using platforms::mrr::BankPlan;
using platforms::mrr::Process;
using study::CharacterizeSettings;

namespace {

CharacterizeSettings sweeps_of(const Process& process) {
  CharacterizeSettings settings;
  settings.impose = true;
  settings.process = process;
  settings.lasers.sweep = true;
  return settings;
}

/// How many of a quantity's values are within three standard errors, and the largest miss.
struct Count {
  int within = 0, all = 0;
  double worst = 0;
  void take(const platforms::mrr::lab::Measured& found, double truth) {
    ++all;
    within += std::abs(found.value - truth) < 3 * found.sigma ? 1 : 0;
    worst = std::max(worst, std::abs(found.value - truth));
  }
};

}  // namespace

TEST_CASE(
    "lasers that sweep a bank tell offsets, widths and tuning of its rings, and what heat neighbours get") {
  Process process;
  process.chip_rows = 4;
  const double reach = GENERATE(2.0, 0.0);
  process.reach = reach;
  INFO("reach " << reach);
  const Index inputs = 8, outputs = 4;
  const device::DeviceSet set = device::fabricate({BankPlan{"mrr1", outputs, inputs, 4, 8}}, process, 1, 5);
  CharacterizeSettings settings = sweeps_of(process);
  settings.temperatures_c = {21, 23};
  Progress progress;
  study::Recorder recorder;
  const auto chip = device::make_virtual_device(set, 0);
  const std::vector<model::Spectrum> spectra =
      study::characterize_lasers(*chip, settings, progress, recorder);
  // a row, or a ring, cold and with each of its heaters on, at two temperatures
  CHECK(spectra.size() == std::size_t(2 * (reach > 0 ? 4 * (1 + 8 * 5) : 32 * (1 + 5))));
  const auto found = platforms::mrr::lab::find_rings(spectra, process, "test");
  REQUIRE(found.rings.size() == 32);
  const auto truth = [&](const char* name, std::size_t k) {
    return test::hidden(set.chips.at(0), name).data[k];
  };
  Count delta, fwhm, eta, beta, kappa;
  for (std::size_t k = 0; k < 32; ++k) {
    const auto& ring = found.rings[k];
    REQUIRE(ring.name == "row " + std::to_string(k / 8) + " col " + std::to_string(k % 8));
    CHECK_FALSE((ring.delta_assumed || ring.eta_assumed || ring.kappa_assumed || ring.fsr_assumed));
    delta.take(ring.delta_nm, truth("delta", k));
    const double r = truth("r", k), g = r * r * truth("a", k);
    fwhm.take(ring.resonance.fwhm_nm, 2 * process.fsr_nm / M_PI * std::asin((1 - g) / 2 / std::sqrt(g)));
    // currents tell the product of both
    eta.take(ring.eta_nm_per_mw, truth("eta", k) * truth("resistance", k) / process.resistance_ohm);
    kappa.take(ring.kappa_nm_per_k, process.kappa_nm_per_k);
    beta.take({ring.beta_per_ma2, ring.beta_sigma}, truth("beta", k));
    CHECK(ring.fsr_nm.value ==
          Approx(process.fsr_nm).epsilon(0.01));  // it grows with λ², here it is constant
  }
  for (const Count& one : {delta, eta, beta, kappa}) CHECK(one.within >= 30);
  CHECK(fwhm.within >= 28);  // the device cuts the light of neighbours off beyond its reach, the fit does not
  CHECK(delta.worst < 0.004);
  CHECK(fwhm.worst < 0.015);
  CHECK(eta.worst < 0.002);
  if (reach == 0) return;
  double next = 0, weights = 0;
  for (const auto& pair : found.crosstalk) {
    if (pair.places != 1) continue;
    const double weight = 1 / (pair.share.sigma * pair.share.sigma);
    next += weight * pair.share.value, weights += weight;
  }
  CHECK(next / weights == Approx(process.crosstalk).margin(3 / std::sqrt(weights)));
}

TEST_CASE("laser sweeps that stopped continue to the same spectra, with temperature walking meanwhile") {
  Process process;
  process.chip_rows = 2, process.chip_cols = 3;
  const device::DeviceSet set = device::fabricate({BankPlan{"mrr1", 2, 3, 2, 3}}, process, 1, 5);
  CharacterizeSettings settings = sweeps_of(process);
  settings.conditions.environment = device::Environment::free;
  settings.lasers.heater_powers = 2;
  Progress progress;
  study::Recorder whole;
  const auto first =
      study::characterize_lasers(*device::make_virtual_device(set, 0), settings, progress, whole);
  model::ReadingLog half = whole.log();
  REQUIRE(half.group.size() > 20);
  half.group.resize(half.group.size() / 2 + 1);
  std::size_t readings = 0;
  for (const auto count : half.group) readings += std::size_t(count);
  half.calls.resize(half.group.size()), half.mean.resize(readings), half.error.resize(readings);
  half.temperature_c.resize(1);
  study::Recorder continued(half);
  const auto second =
      study::characterize_lasers(*device::make_virtual_device(set, 0), settings, progress, continued);
  REQUIRE(first.size() == second.size());
  for (std::size_t k = 0; k < first.size(); ++k) {
    CHECK(first[k].ports.at(0).power == second[k].ports.at(0).power);
    CHECK(first[k].temperature_c == second[k].temperature_c);
  }
}

TEST_CASE("steps that are too coarse for a resonance, and devices without lasers to tune, are refused") {
  Process process;
  const device::DeviceSet set = device::fabricate({BankPlan{"mrr1", 2, 3, 16, 8}}, process, 1, 5);
  CharacterizeSettings settings = sweeps_of(process);
  settings.lasers.step_nm = 0.2;
  Progress progress;
  study::Recorder recorder;
  CHECK_THAT(test::message_of<UsageError>([&] {
               static_cast<void>(study::characterize_lasers(*device::make_virtual_device(set, 0), settings,
                                                            progress, recorder));
             }),
             Catch::Matchers::Contains("too coarse for rings that are 0.3 nm wide"));
}
