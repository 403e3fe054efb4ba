#include "pnn/model/fall.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace pnn;
using namespace pnn::model;

TEST_CASE("light falls exponentially or in proportion, and its slopes predict its change") {
  for (const FallShape shape : {FallShape::exponential, FallShape::linear}) {
    const auto left = [&](double fall) { return Fall{shape, fall, 0}.at(8).left; };
    CHECK(left(0) == 1);
    CHECK(left(0.02) == Approx(shape == FallShape::linear ? 0.84 : std::exp(-0.16)));
    CHECK(Fall{shape, 0.02, 0}.at(8).by_s == Approx((left(0.020001) - left(0.019999)) / 2e-6).epsilon(1e-6));
  }
  CHECK(Fall{}.at(8).left == 1);
}

TEST_CASE("a fall is demanded where it explains what stood out, and only there") {
  const Quality bad{50, {0.002, NoiseFrom::standard_errors}, 0}, good{1.1, bad.noise, 0},
      half{30, bad.noise, 0};
  const Fall fall{FallShape::exponential, 0.02, 0.001};
  CHECK(demands_fall(bad, 0.014, good, fall, 13, 1));
  CHECK_FALSE(demands_fall(bad, 0.014, half, fall, 13, 1));
  CHECK_FALSE(demands_fall(good, 0.002, good, fall, 13, 1));
  CHECK_FALSE(demands_fall(bad, 0.014, good, {FallShape::exponential, 0.02, 0.01}, 13, 1));
  CHECK_FALSE(demands_fall(bad, 0.014, good, {FallShape::linear, 0.08, 0.001}, 13, 1));  // nothing is left
  CHECK_FALSE(demands_fall(bad, 0.014, good, {FallShape::linear, 5e-4, 1e-5}, 13, 1));
}

TEST_CASE("falls are kept with a model where there are some") {
  platform::ChipModel chip;
  chip.elements = {"a", "b"};
  chip.values = Array<double>({1, 2, 1});
  prepare_falls(chip);
  store_fall({FallShape::linear, 0.02, 0.001}, 1, chip);
  finish_falls(chip);
  CHECK(fall_of(chip, 0, 0).shape == FallShape::none);
  CHECK(fall_of(chip, 0, 1).shape == FallShape::linear);
  CHECK(fall_of(chip, 0, 1).per_mw == 0.02);
  store_fall({}, 1, chip);
  finish_falls(chip);
  CHECK(chip.more.empty());
}
