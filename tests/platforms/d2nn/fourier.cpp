#include "pnn/platforms/d2nn/fourier.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

template <class Real>
std::vector<Real> random_tile(const platforms::d2nn::Fourier<Real>& fourier) {
  std::vector<Real> tile(std::size_t(fourier.tile_size()));
  fill_symmetric({1, Purpose::test, 120, 0, std::uint32_t(fourier.length())}, tile);
  return tile;
}

template <class Real>
std::complex<double> value(const std::vector<Real>& tile, Index row, Index lane) {
  const auto at = std::size_t(row * lane_block + lane);
  return {double(tile[at]), double(tile[tile.size() / 2 + at])};
}

/// Largest distance from the sum that defines the transform, relative to the root of the length.
template <class Real>
double distance_from_sum(Index n) {
  const platforms::d2nn::Fourier<Real> fourier(n);
  const std::vector<Real> before = random_tile(fourier);
  std::vector<Real> after = before, scratch(before.size());
  fourier.forward(after.data(), scratch.data());
  double largest = 0;
  for (Index k = 0; k < n; ++k) {
    for (Index lane = 0; lane < lane_block; ++lane) {
      std::complex<double> sum = 0;
      for (Index j = 0; j < n; ++j) {
        const double turns = double(j * k % n) / double(n);
        sum += value(before, j, lane) * std::polar(1.0, -2 * std::numbers::pi * turns);
      }
      largest = std::max(largest, std::abs(value(after, k, lane) - sum) / std::sqrt(double(n)));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("a transform is the sum that defines it, for every power of two and every lane") {
  for (const Index n : {2, 4, 8, 16, 32, 64, 128, 256}) {
    INFO(n);
    CHECK(distance_from_sum<double>(n) < 1e-14);
    CHECK(distance_from_sum<float>(n) < 5e-6);
  }
}

TEST_CASE("a transform there and back is the length times the signal") {
  for (const Index n : {2, 8, 64, 512}) {
    const platforms::d2nn::Fourier<double> fourier(n);
    const std::vector<double> before = random_tile(fourier);
    std::vector<double> after = before, scratch(before.size());
    fourier.forward(after.data(), scratch.data());
    fourier.backward(after.data(), scratch.data());
    double largest = 0;
    for (std::size_t k = 0; k < after.size(); ++k)
      largest = std::max(largest, std::abs(after[k] / double(n) - before[k]));
    CHECK(largest < 2e-15);
  }
}

TEST_CASE("a transform of another length than a power of two is refused") {
  for (const Index n : {-4, 0, 1, 3, 200}) CHECK_THROWS_AS(platforms::d2nn::Fourier<float>(n), UsageError);
}
