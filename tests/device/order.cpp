// From a command to the light: what is asked for is rounded, what the device adds is not.
#include <cmath>
#include <utility>

#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mzi/platform.hpp"
#include "pnn/platforms/mzi/process.hpp"
#include "pnn/platforms/pcm/platform.hpp"
#include "tests/catch.hpp"
#include "tests/device/every_platform.hpp"
#include "tests/device/lab.hpp"

using namespace pnn;

namespace {

Matrix<float> outputs(device::Device& chip, const std::vector<float>& controls,
                      const device::Conditions& conditions) {
  chip.impose(conditions);
  chip.set_controls(0, controls);
  const platform::AnyPlan& plan = chip.layers()[0].plan;
  const Matrix<float> x = test::signals_for(plan, 5, 3);
  Matrix<float> y(5, plan->outputs());
  chip.run(0, view(x), view(y));
  return y;
}

/// A small thing that surrounds a device adds behind every quantiser of its platform.
void add(const platform::AnyPlan& plan, double share, device::Conditions& conditions) {
  if (platforms::mrr::bank_of(plan) != nullptr) conditions.response["detuning"].sigma = share * 1e-3;
  if (platforms::mzi::mesh_of(plan) != nullptr || platforms::d2nn::masks_of(plan) != nullptr)
    conditions.response["phase"].sigma = share * 4e-3;
  if (platforms::pcm::arrays_of(plan) != nullptr) conditions.response["transmission"].sigma = share * 1e-3;
  if (platforms::freespace::planes_of(plan) != nullptr) conditions.system.shift_x_px = share * 0.02;
}

/// Controls at their levels, and within the middle half of the step about them.
std::pair<std::vector<float>, std::vector<float>> on_and_near(const device::LayerPort& port, double steps) {
  std::vector<float> at = test::controls_for(port, 5), near = at;
  std::vector<float> aside(at.size());
  fill_symmetric({6, Purpose::test, 1}, aside);
  for (std::size_t k = 0; k < at.size(); ++k) {
    const double step = (port.upper - port.lower) / steps;
    const double level = port.lower + std::round((double(at[k]) - port.lower) / step) * step;
    at[k] = float(level);
    near[k] = float(level + 0.25 * step * double(aside[k]));
  }
  return {at, near};
}

void check_order(const platform::AnyPlan& plan, int bits, double steps) {
  INFO(plan->name());
  const auto chip = device::make_virtual_device(device::fabricate({plan}, {}, 1, 9), 0);
  const auto [at, near] = on_and_near(chip->layers()[0], steps);
  device::Conditions conditions = test::quiet();
  conditions.dac_bits = bits;
  const Matrix<float> clean = outputs(*chip, at, conditions);
  // neighbours too are heated by what is driven, not by what is asked for
  CHECK(outputs(*chip, near, conditions) == clean);
  device::Conditions once = conditions, twice = conditions;
  add(plan, 1, once);
  add(plan, 2, twice);
  const Matrix<double> a = (outputs(*chip, at, once) - clean).cast<double>(),
                       b = (outputs(*chip, at, twice) - clean).cast<double>();
  // a hundredth of a step or less, and still felt, in proportion: curvature and float leave a tenth
  CHECK(a.norm() > 1e-4 * clean.cast<double>().norm());
  CHECK((b - 2 * a).norm() < 0.1 * b.norm());
}

}  // namespace

TEST_CASE("on every platform commands are rounded, and what the device and its surroundings add is not") {
  for (const platform::AnyPlan& plan : test::every_platform()) check_order(plan, 3, 7);
  platforms::d2nn::Plan masks = test::small_masks(8);
  masks.name = "masks with levels";
  check_order(masks, 0, 8);
}

TEST_CASE(
    "a phase that all pixels of a diffractive network have in common changes nothing, with levels too") {
  for (const Index levels : {0, 8, 256}) {
    device::DeviceSet set = device::fabricate({test::small_masks(levels)}, {}, 1, 9);
    const auto before = device::make_virtual_device(set, 0);
    const std::vector<float> controls = test::controls_for(before->layers()[0], 5);
    const Matrix<float> expected = outputs(*before, controls, test::quiet());
    // phases are known to 2^-24 of a turn each, and outputs add up hundreds of pixels
    const float tolerance = 1e-4F * expected.maxCoeff();
    device::Conditions warm = test::quiet();
    warm.response["phase"].common = 0.1;
    CHECK((outputs(*before, controls, warm) - expected).cwiseAbs().maxCoeff() < tolerance);
    for (double& phase : set.chips[0].fields[0].data) phase += 0.1;
    const auto after = device::make_virtual_device(set, 0);
    CHECK((outputs(*after, controls, test::quiet()) - expected).cwiseAbs().maxCoeff() < tolerance);
  }
}
