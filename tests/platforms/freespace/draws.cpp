#include <cmath>

#include "pnn/platforms/freespace/freespace.hpp"
#include "pnn/platforms/freespace/platform.hpp"
#include "pnn/platforms/freespace/process.hpp"
#include "tests/catch.hpp"
#include "tests/moments.hpp"
#include "tests/platforms/freespace/cases.hpp"

using namespace pnn;
using platforms::freespace::Process;

namespace {

constexpr int devices = 2000;

platforms::freespace::Errors drawn(const Process& process, std::uint32_t device) {
  return draw_errors(process, 1, int(Purpose::test), 0, device, 0);
}

}  // namespace

TEST_CASE("drawn multipliers have the process's spreads") {
  Process process;
  process.rotation_sigma_rad = 0.02;
  process.shift_sigma_px = 1.5;
  process.magnification_sigma = 0.03;
  std::vector<double> gamma, rotation, x, y, magnification;
  double covariance = 0;
  for (std::uint32_t device = 0; device < devices; ++device) {
    const auto errors = drawn(process, device);
    gamma.push_back(errors.gamma);
    rotation.push_back(errors.misalignment.rotation_rad);
    x.push_back(errors.misalignment.shift_x_px);
    y.push_back(errors.misalignment.shift_y_px);
    magnification.push_back(errors.misalignment.magnification);
    covariance += x.back() * y.back() / (1.5 * 1.5 * devices);
    CHECK(errors.misalignment.temperature_k == 0);
  }
  // standard errors: σ/√n of a mean, σ/√(2n) of a spread; five of them are allowed
  const auto check = [](const std::vector<double>& values, double mean, double sigma) {
    const test::Moments m = test::moments(values);
    CHECK(std::abs(m.mean - mean) < 5 * sigma / std::sqrt(double(devices)));
    CHECK(std::abs(m.sigma - sigma) < 5 * sigma / std::sqrt(2.0 * devices));
  };
  check(gamma, 2.2, 2.2 * 0.02);
  check(rotation, 0, 0.02);
  check(x, 0, 1.5);
  check(y, 0, 1.5);
  check(magnification, 0, 0.03);
  CHECK(std::abs(covariance) < 5 / std::sqrt(double(devices)));
}

TEST_CASE("a gain field is Gaussian, as wide as told everywhere, and smooth over its length") {
  const Process process;
  constexpr Index width = 40, height = 24;
  const auto pixel = [](Index x, Index y) { return std::size_t(y * width + x); };
  const Matrix<double> across = platforms::freespace::gain_functions(process.gain_length, width),
                       down = platforms::freespace::gain_functions(process.gain_length, height);
  std::vector<double> corner, middle, product_x, product_y;
  for (std::uint32_t device = 0; device < devices; ++device) {
    const auto field = platforms::freespace::gain_field(drawn(process, device).gain, across, down);
    corner.push_back(field[pixel(0, 0)]);
    middle.push_back(field[pixel(20, 12)]);
    const double here = field[pixel(15, 9)] - 1;
    product_x.push_back(here * (field[pixel(25, 9)] - 1));  // a quarter of the plane apart
    product_y.push_back(here * (field[pixel(15, 15)] - 1));
  }
  for (const auto& values : {corner, middle}) {
    const test::Moments m = test::moments(values);
    CHECK(std::abs(m.mean - 1) < 5 * 0.03 / std::sqrt(double(devices)));
    CHECK(std::abs(m.sigma - 0.03) < 5 * 0.03 / std::sqrt(2.0 * devices));
  }
  // correlation exp(−1/2) = 0.61, standard error below 1.2/√n
  CHECK(std::abs(test::moments(product_x).mean / (0.03 * 0.03) - std::exp(-0.5)) <
        6 / std::sqrt(double(devices)));
  CHECK(std::abs(test::moments(product_y).mean / (0.03 * 0.03) - std::exp(-0.5)) <
        6 / std::sqrt(double(devices)));
}
