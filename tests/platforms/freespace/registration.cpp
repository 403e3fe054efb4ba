// Measured targets and what is fitted to them, against what the simulated devices hide.
#include "pnn/platforms/freespace/lab/registration.hpp"
#include "pnn/platforms/freespace/light.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "tests/process.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/study/fit.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

struct Optics {
  platform::Process process;
  std::vector<platform::AnyPlan> plans;
  device::DeviceSet set;
  explicit Optics(std::size_t devices, double scale = 1, Index side = 16) {
    test::edit<platforms::freespace::Process>(process)->rotation_sigma_rad = 0.015 * scale;
    test::edit<platforms::freespace::Process>(process)->shift_sigma_px = 1.2 * scale;
    test::edit<platforms::freespace::Process>(process)->magnification_sigma = 0.02 * scale;
    plans.emplace_back(platforms::freespace::Plan{"freespace1", 12, side, side, 1, 2, 2, 1, 2, 3,
                                                  platforms::freespace::Signs::exposures, false});
    set = device::fabricate(plans, process, devices, 5);
  }
  [[nodiscard]] model::Curves measure(std::size_t device, int averages) const {
    const auto chip = device::make_virtual_device(set, device);
    study::CharacterizeSettings settings;
    settings.averages = averages;
    Progress quiet;
    return study::characterize(*chip, settings, quiet);
  }
  [[nodiscard]] platform::System truth(std::size_t device) const {
    return draw_errors(process.as<platforms::freespace::Process>(), 5, int(Purpose::fabrication), 0,
                       std::uint32_t(device), 0)
        .misalignment;
  }
};

}  // namespace

TEST_CASE("a fitted registration lies within three standard errors of the truth") {
  const Optics optics(8);
  Progress quiet;
  study::FitSettings settings;
  settings.kind = "registration";
  int within = 0, all = 0;
  for (std::size_t device = 0; device < optics.set.count; ++device) {
    const model::Model fitted =
        study::fit(optics.measure(device, 4), optics.process, optics.plans, settings, quiet);
    const model::ChipModel& chip = fitted.chips.front();
    const platform::System truth = optics.truth(device);
    const double expected[] = {truth.rotation_rad, truth.magnification, truth.shift_x_px, truth.shift_y_px,
                               optics.process.as<platforms::freespace::Process>().blur_px};
    const double limit[] = {1e-3, 2e-3, 0.1, 0.1, 0.1};
    CHECK(chip.remarks[0].empty());
    for (std::size_t k = 0; k < 5; ++k) {
      const double error = std::sqrt(chip.covariance.data[k * 5 + k]);
      INFO("device " << device << ", " << chip.parameters[k] << ": " << chip.values.data[k] << " +- " << error
                     << ", true " << expected[k]);
      CHECK(error > 0);
      CHECK(error < limit[k]);
      CHECK(std::abs(chip.values.data[k] - expected[k]) < 5 * error);
      within += std::abs(chip.values.data[k] - expected[k]) < 3 * error;
      ++all;
    }
  }
  CHECK(within >= all * 95 / 100);
}

TEST_CASE("what stands far from aligned is found", "[slow]") {
  const Optics optics(6, 3.5, 28);
  Progress quiet;
  study::FitSettings settings;
  settings.kind = "registration";
  double farthest = 0;
  for (std::size_t device = 0; device < optics.set.count; ++device) {
    const model::Model fitted =
        study::fit(optics.measure(device, 1), optics.process, optics.plans, settings, quiet);
    const platform::System truth = optics.truth(device);
    const std::vector<double>& found = fitted.chips.front().values.data;
    INFO("device " << device << ": " << truth.rotation_rad << " rad, " << truth.magnification << ", "
                   << truth.shift_x_px << " px, " << truth.shift_y_px << " px");
    CHECK(fitted.chips.front().remarks[0].empty());
    CHECK_THAT(found[0], Catch::Matchers::WithinAbs(truth.rotation_rad, 1e-3));
    CHECK_THAT(found[1], Catch::Matchers::WithinAbs(truth.magnification, 1e-3));
    CHECK_THAT(found[2], Catch::Matchers::WithinAbs(truth.shift_x_px, 0.05));
    CHECK_THAT(found[3], Catch::Matchers::WithinAbs(truth.shift_y_px, 0.05));
    farthest = std::max(farthest, std::hypot(truth.shift_x_px, truth.shift_y_px));
  }
  CHECK(farthest > 4);
}

TEST_CASE("a map of the fitted registration is nearer to the device than one of the aligned system") {
  const Optics optics(1);
  Progress quiet;
  study::FitSettings settings;
  settings.kind = "registration";
  const model::Curves curves = optics.measure(0, 4);
  const model::Model fitted = study::fit(curves, optics.process, optics.plans, settings, quiet);
  settings.kind = "nominal";
  const model::Model aligned = study::fit(curves, optics.process, optics.plans, settings, quiet);
  CHECK(fitted.chips[0].rms_residual.data[0] < aligned.chips[0].rms_residual.data[0] / 10);

  const platforms::freespace::Plan& plan = *platforms::freespace::planes_of(optics.plans[0]);
  std::vector<double> controls(std::size_t(plan.control_count()));
  fill_symmetric({5, Purpose::test}, controls);
  for (double& s : controls) s = 0.5 + 0.5 * s;
  const auto weights = [&](platform::TransferMap<double>& map) {
    Matrix<double> w(map.rows(), map.cols());
    map.evaluate({controls, {}, {}}, view(w));
    return w;
  };
  platforms::freespace::Freespace<double> device(
      plan, full_physics(optics.process.as<platforms::freespace::Process>()),
      draw_errors(optics.process.as<platforms::freespace::Process>(), 5, int(Purpose::fabrication), 0, 0, 0));
  const Matrix<double> true_w = weights(device);
  const double off_fitted = (weights(*model::make_maps<double>(fitted, 0)[0]) - true_w).norm(),
               off_aligned = (weights(*model::make_maps<double>(aligned, 0)[0]) - true_w).norm();
  CHECK(off_fitted < off_aligned / 10);
}

TEST_CASE("readings of other targets are refused, and so is a kind of another platform") {
  const Optics optics(1);
  Progress quiet;
  model::Curves curves = optics.measure(0, 1);
  study::FitSettings settings;
  settings.kind = "airy";
  CHECK_THROWS_AS(study::fit(curves, optics.process, optics.plans, settings, quiet), UsageError);
  settings.kind = "registration";
  model::ChipCurves& chip = curves.chips[0];
  for (Array<double>* values : {&chip.control, &chip.response, &chip.sigma}) {
    values->shape[3] -= 1;
    values->data.pop_back();
  }
  CHECK_THROWS_AS(study::fit(curves, optics.process, optics.plans, settings, quiet), InputError);
}
