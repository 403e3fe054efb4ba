// Spectra of many dies give back the process that drew them, and nothing that was assumed is in it.
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/study/characterize.hpp"
#include "pnn/study/process_fit.hpp"
#include "pnn/study/spectral_fit.hpp"
#include "tests/catch.hpp"
#include "tests/message.hpp"

using namespace pnn;
using Catch::Matchers::Contains;
using platforms::mrr::BankPlan;
using platforms::mrr::Process;

namespace {

constexpr std::size_t dies = 12;

Process drawn() {
  Process process;
  process.chip_rows = 4, process.chip_cols = 4;
  process.delta_sigma_nm = 0.1, process.delta_die = 0.5;
  process.r_die = 0.3;
  return process;
}

/// The spectra of one die.
std::vector<model::Spectrum> spectra_of(const device::DeviceSet& set, std::size_t die, int powers) {
  study::CharacterizeSettings settings;
  settings.impose = true;
  settings.process = drawn();
  settings.lasers.sweep = true;
  settings.lasers.step_nm = 0.06;
  settings.lasers.heater_powers = powers;
  Progress progress;
  study::Recorder recorder;
  return study::characterize_lasers(*device::make_virtual_device(set, die), settings, progress, recorder);
}

model::Model model_of(const std::vector<model::Spectrum>& spectra) {
  study::FitSettings settings;
  settings.kind = "spectrum";
  std::vector<std::string> notes;
  return study::fit_spectra({spectra, {}, settings, "test"}, drawn(), {}, {}, notes);
}

const study::QuantityFit* found(const study::ProcessFit& fit, const std::string& name) {
  for (const study::QuantityFit& q : fit.quantities)
    if (q.parameter.sigma == name || (q.parameter.sigma.empty() && q.parameter.design == name)) return &q;
  return nullptr;
}

std::string all_of(const std::vector<std::string>& sentences) {
  std::string all;
  for (const std::string& one : sentences) all += one + "\n";
  return all;
}

void check(const study::WithError& estimate, double truth) {
  CAPTURE(estimate.value, estimate.error, truth);
  CHECK(std::abs(estimate.value - truth) < 3 * estimate.error);
}

}  // namespace

TEST_CASE("spectra of dies tell offsets, couplings and tuning of their process, with lasers and without",
          "[process-fit]") {
  const Process truth = drawn();
  const device::DeviceSet set = device::fabricate({BankPlan{"mrr1", 4, 4, 4, 4}}, truth, dies, 5);
  std::vector<study::NamedModel> with, without;
  for (std::size_t die = 0; die < dies; ++die) {
    std::vector<model::Spectrum> spectra = spectra_of(set, die, 4);
    with.push_back({"d" + std::to_string(die), model_of(spectra)});
    if (die % 2 == 0) {  // of some dies the other order of each resonance is the one in the middle
      for (model::Spectrum& s : spectra)
        for (double& wavelength : s.wavelength_nm) wavelength -= 0.5;
    }
    for (model::Spectrum& s : spectra) s.laser_nm.clear();
    without.push_back({"d" + std::to_string(die), model_of(spectra)});
  }
  const double within = truth.delta_sigma_nm * std::sqrt(1 - truth.delta_die),
               between = truth.delta_sigma_nm * std::sqrt(truth.delta_die);
  const study::ProcessFit fit = study::fit_process(with, {});
  const study::QuantityFit& delta = *found(fit, "mrr.delta.sigma");
  check(delta.fit.mean, truth.delta_nm);
  check(delta.fit.die, between);
  check(delta.fit.within, within);
  const study::QuantityFit& r = *found(fit, "mrr.r.sigma");
  check(r.fit.mean, truth.r);
  check(r.fit.die, truth.r_sigma * std::sqrt(truth.r_die));
  check(r.fit.within, truth.r_sigma * std::sqrt(1 - truth.r_die));
  // currents alone: the spread of the resistance is in that of the efficiency
  const study::QuantityFit& eta = *found(fit, "mrr.eta.sigma");
  check(eta.fit.mean, truth.eta_nm_per_mw);
  check(eta.fit.within, truth.eta_nm_per_mw * std::hypot(truth.eta_sigma, truth.resistance_sigma));
  const study::QuantityFit& beta = *found(fit, "mrr.beta.sigma");
  check(beta.fit.mean, truth.beta_per_ma2);
  check(beta.fit.within, truth.beta_per_ma2 * truth.beta_sigma);
  CHECK(found(fit, "mrr.fsr")->fit.mean.value == Approx(truth.fsr_nm).epsilon(0.01));
  for (const char* name : {"mrr.resistance.sigma", "mrr.a", "mrr.kappa"}) CHECK(found(fit, name) == nullptr);
  CHECK_THAT(all_of(fit.remarks), Contains("mrr.resistance.sigma is 0: currents alone tell") &&
                                      Contains("mrr.a: the curves do not tell it"));
  double resistance_sigma = -1, a = -1;
  for (const auto& [name, value] : fit.values) {
    if (name == "mrr.resistance.sigma") resistance_sigma = value;
    if (name == "mrr.a") a = value;
  }
  CHECK(resistance_sigma == 0);
  CHECK(a == -1);  // as it was: not written

  {  // without lasers, offsets are those of the resonances about their columns
    const study::ProcessFit blind = study::fit_process(without, {});
    const study::QuantityFit& spread = *found(blind, "mrr.delta.sigma");
    CHECK(spread.parameter.parameter == "resonance_nm");
    check(spread.fit.within, within);
    CHECK(spread.fit.within.value == Approx(delta.fit.within.value).epsilon(0.03));
    for (const auto& [name, value] : blind.values) CHECK(name != "mrr.delta");
    CHECK_THAT(all_of(blind.remarks), Contains("no lasers are known"));
    // the sweeps that were moved by half a nanometre are dies half a nanometre apart
    CHECK(spread.fit.die.value == Approx(std::hypot(between, 0.26)).epsilon(0.25));
  }
  {  // dies of which the lasers are known are those whose offsets count
    std::vector<study::NamedModel> mixed = with;
    mixed[3] = without[3];
    const study::ProcessFit some = study::fit_process(mixed, {});
    CHECK(found(some, "mrr.delta.sigma")->parameter.parameter == "delta_nm");
    CHECK(found(some, "mrr.delta.sigma")->fit.dies == dies - 1);
    CHECK_THAT(all_of(some.remarks), Contains("mrr.delta.sigma: 11 of 12 dies tell it"));
  }
  {  // resonances that lie anywhere in their range tell no spread
    for (std::size_t die = 0; die < dies; ++die) {
      platform::ChipModel& chip = without[die].model.chips[0];
      const std::size_t count = chip.parameters.size();
      const auto at = std::size_t(std::find(chip.parameters.begin(), chip.parameters.end(), "resonance_nm") -
                                  chip.parameters.begin());
      for (std::size_t k = 0; k < chip.elements.size(); ++k)
        chip.values.data[k * count + at] += 0.8 * double(die);
    }
    const study::ProcessFit lost = study::fit_process(without, {});
    CHECK(found(lost, "mrr.delta.sigma") == nullptr);
    CHECK_THAT(all_of(lost.remarks), Contains("further apart than half of the distance"));
  }
}

TEST_CASE("what spectra without heat assume is no spread of a process", "[process-fit]") {
  const device::DeviceSet set = device::fabricate({BankPlan{"mrr1", 4, 4, 4, 4}}, drawn(), 2, 5);
  std::vector<study::NamedModel> models;
  for (std::size_t die = 0; die < 2; ++die)
    models.push_back({"d" + std::to_string(die), model_of(spectra_of(set, die, 1))});
  const study::ProcessFit fit = study::fit_process(models, {});
  CHECK(found(fit, "mrr.delta.sigma") != nullptr);
  for (const char* name : {"mrr.eta.sigma", "mrr.beta.sigma", "mrr.resistance.sigma", "mrr.kappa"})
    CHECK(found(fit, name) == nullptr);
  CHECK_THAT(all_of(fit.remarks),
             Contains("mrr.eta.sigma: the curves do not tell it") && !Contains("mrr.resistance.sigma is 0"));
  models[1].model.process = [] {
    Process other = drawn();
    other.eta_nm_per_mw = 0.07;
    return platform::Process(other);
  }();
  CHECK_THAT(test::message_of<InputError>([&] { static_cast<void>(study::fit_process(models, {})); }),
             Contains("d1: its process is another than that of d0"));
}
