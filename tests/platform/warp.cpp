#include "pnn/platform/warp.hpp"

#include <numbers>
#include <numeric>

#include "tests/catch.hpp"
#include "tests/misalignment.hpp"

using namespace pnn;
using platform::System;
using platform::Warp;

TEST_CASE("a picture turns about its centre from x towards y, grows and shifts") {
  const double right_angle = std::numbers::pi / 2;
  // a 5 × 3 plane with its centre at (2, 1): what lies one pixel right of the centre goes one below it
  const Warp::Point turned = Warp(5, 3, test::misalignment(right_angle, 0, 0, 0)).source(2, 2);
  CHECK(turned.x == Approx(3));
  CHECK(turned.y == Approx(1));
  const Warp::Point grown = Warp(5, 3, test::misalignment(0, 1, 0, 0)).source(4, 3);
  CHECK(grown.x == Approx(3));
  CHECK(grown.y == Approx(2));
  const Warp::Point shifted = Warp(5, 3, test::misalignment(0, 0, 0.5, -2)).source(4, 0);
  CHECK(shifted.x == 3.5);
  CHECK(shifted.y == 2);
}

TEST_CASE("an aligned picture is read at its own pixels, exactly") {
  const Warp warp(7, 4, {});
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 7; ++x) {
      const Warp::Point p = warp.source(x, y);
      CHECK(p.x == x);
      CHECK(p.y == y);
    }
  }
}

TEST_CASE("slopes of a warp predict where a source point moves") {
  const System at = test::misalignment(0.2, 0.1, 1.5, -0.7);
  const Warp warp(9, 6, at);
  const Warp::Point here = warp.source(7, 2);
  const Warp::Slope slope = warp.slope(here);
  const auto check = [&](double System::*parameter, const Warp::Point& expected) {
    constexpr double h = 1e-6;
    System up = at, down = at;
    up.*parameter += h;
    down.*parameter -= h;
    const Warp::Point above = Warp(9, 6, up).source(7, 2), below = Warp(9, 6, down).source(7, 2);
    CHECK((above.x - below.x) / (2 * h) == Approx(expected.x).margin(1e-8));
    CHECK((above.y - below.y) / (2 * h) == Approx(expected.y).margin(1e-8));
  };
  check(&System::rotation_rad, slope.rotation);
  check(&System::shift_x_px, slope.shift_x);
  check(&System::shift_y_px, slope.shift_y);
  check(&System::magnification, slope.magnification);
}

TEST_CASE("samples are shares of one, and fall off linearly over the pixel beyond the border") {
  const auto total = [](double x, double y) {
    double sum = 0;
    platform::for_each_sample({x, y}, 4, 3, [&](Index pixel, double weight, double, double) {
      CHECK(pixel >= 0);
      CHECK(pixel < 12);
      sum += weight;
    });
    return sum;
  };
  CHECK(total(1.3, 0.9) == Approx(1));
  CHECK(total(0, 2) == 1);
  CHECK(total(-0.25, 1) == 0.75);
  CHECK(total(3.5, 2.5) == 0.25);
  CHECK(total(-1, 1) == 0);
  CHECK(total(4, 1) == 0);
  CHECK(total(1e9, -1e9) == 0);
}

TEST_CASE("a blur's taps are even and add up to one") {
  CHECK(platform::gaussian_taps(0) == std::vector<double>{1});
  const std::vector<double> taps = platform::gaussian_taps(0.5);
  REQUIRE(taps.size() == 5);
  CHECK(std::accumulate(taps.begin(), taps.end(), 0.0) == Approx(1));
  CHECK(taps[0] == taps[4]);
  CHECK(taps[3] / taps[2] == Approx(std::exp(-2)));
  CHECK(platform::gaussian_taps(0.6).size() == 7);
}
