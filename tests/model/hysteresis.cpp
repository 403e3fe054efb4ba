#include "pnn/model/hysteresis.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

using namespace pnn;

namespace {

/// Two elements of five points up and five down over the same controls; those of element 1 lag by `lag`.
model::ChipCurves curves(double lag) {
  model::ChipCurves chip;
  chip.elements = {"a", "b"};
  chip.temperature_c = {22};
  chip.direction = {1, 1, 1, 1, 1, -1, -1, -1, -1, -1};
  chip.control = chip.response = chip.sigma = Array<double>({1, 2, 1, 10});
  for (std::size_t k = 0; k < 20; ++k) {
    const std::size_t p = k % 10;
    const double control = double(p < 5 ? p : 9 - p);
    chip.control.data[k] = control;
    chip.response.data[k] = std::cos(control) + (k >= 15 ? lag : 0);
    chip.sigma.data[k] = p < 5 ? 0.03 : 0.04;
  }
  return chip;
}

}  // namespace

TEST_CASE("hysteresis is the rms difference of the directions, beside what noise would make of it") {
  const model::Hysteresis h = model::hysteresis(curves(0.2));
  CHECK(h.points == 10);
  CHECK(h.rms == Approx(0.2 / std::sqrt(2.0)));  // half of the points differ by 0.2
  CHECK(h.noise == Approx(0.05));
  CHECK(model::hysteresis(curves(0)).rms == 0);
}

TEST_CASE("hysteresis compares only what was taken in both directions") {
  model::ChipCurves chip = curves(0.2);
  chip.control.data[15] = chip.response.data[15] = chip.sigma.data[15] =
      std::numeric_limits<double>::quiet_NaN();
  chip.control.data[16] += 0.5;
  CHECK(model::hysteresis(chip).points == 8);
  chip.direction.assign(10, -1);
  CHECK(model::hysteresis(chip).points == 0);
  chip.direction.clear();
  CHECK(model::hysteresis(chip).points == 0);
}
