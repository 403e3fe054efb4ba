#include "pnn/platforms/d2nn/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;

namespace {

using platforms::d2nn::Fourier;
using platforms::d2nn::Signals;
using platforms::d2nn::Times;

template <class Real>
std::vector<Real> random_tile(const Fourier<Real>& fourier, std::uint32_t address = 0) {
  std::vector<Real> tile(std::size_t(fourier.tile_size()));
  fill_symmetric({1, Purpose::test, 120, address, std::uint32_t(fourier.length())}, tile);
  return tile;
}

template <class Real>
Signals<Real> signals(std::vector<Real>& tile) {
  return {tile.data(), tile.data() + tile.size() / 2};
}

template <class Real>
std::vector<Real> forward(const Fourier<Real>& fourier, std::vector<Real> from) {
  std::vector<Real> to(from.size()), scratch(from.size());
  fourier.forward(signals(from), signals(to), scratch.data());
  return to;
}

template <class Real>
std::vector<Real> backward(const Fourier<Real>& fourier, std::vector<Real> from) {
  std::vector<Real> to(from.size()), scratch(from.size());
  fourier.backward(signals(from), signals(to), scratch.data());
  return to;
}

template <class Real>
std::complex<double> value(const std::vector<Real>& tile, Index row, Index lane) {
  const auto at = std::size_t(row * lane_block + lane);
  return {double(tile[at]), double(tile[tile.size() / 2 + at])};
}

/// Largest distance from the sum that defines the transform, relative to the root of the length.
template <class Real>
double distance_from_sum(Index n, Index part = 0, Index parts = 1) {
  const Fourier<Real> fourier(n, part, parts);
  const std::vector<Real> before = random_tile(fourier);
  const std::vector<Real> after = forward(fourier, before);
  std::vector<std::complex<double>> waves;  // of n · parts points
  for (Index k = 0; k < n * parts; ++k)
    waves.push_back(std::polar(1.0, -2 * std::numbers::pi * double(k) / double(n * parts)));
  double largest = 0;
  for (Index k = 0; k < n; ++k) {
    for (Index lane = 0; lane < lane_block; ++lane) {
      std::complex<double> sum = 0;
      for (Index j = 0; j < n; ++j)
        sum += value(before, j, lane) * waves[std::size_t(j * (k * parts + part) % (n * parts))];
      largest = std::max(largest, std::abs(value(after, k, lane) - sum) / std::sqrt(double(n)));
    }
  }
  return largest;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

}  // namespace

TEST_CASE("a transform is the sum that defines it, for every good length and every lane") {
  for (Index n = 1; n <= 256; n = platforms::d2nn::good_length(n + 1)) {
    INFO(n);
    CHECK(distance_from_sum<double>(n) < 4e-15);
    CHECK(distance_from_sum<float>(n) < 2e-6);
  }
}

TEST_CASE("a part of a transform is its frequencies of a signal with zeros behind it") {
  for (const Index n : {1, 4, 30, 56, 63, 200}) {
    for (const Index parts : {2, 3}) {
      for (Index part = 0; part < parts; ++part) {
        INFO(part << " of " << parts << " of " << n);
        CHECK(distance_from_sum<double>(n, part, parts) < 4e-15);
        CHECK(distance_from_sum<float>(n, part, parts) < 2e-6);
      }
    }
  }
}

TEST_CASE("a transform backward is the adjoint of the transform forward, whole or in parts") {
  for (const Index n : {1, 2, 5, 21, 64, 200, 270}) {
    for (const Index parts : {1, 2}) {
      const Fourier<double> fourier(n, parts - 1, parts);
      const std::vector<double> a = random_tile(fourier), b = random_tile(fourier, 1);
      const double there = product(forward(fourier, a), b), back = product(a, backward(fourier, b));
      INFO(n << ", " << parts);
      CHECK(std::abs(there - back) < 1e-13 * std::sqrt(double(n) * product(a, a) * product(b, b)));
      CHECK(std::abs(there) > 0);
    }
  }
}

TEST_CASE("all parts there and back add up to the length times the signal") {
  for (const Index n : {1, 2, 8, 9, 56, 100, 512, 1000}) {
    for (const Index parts : {1, 2, 3}) {
      std::vector<double> before, sum;
      for (Index part = 0; part < parts; ++part) {
        const Fourier<double> fourier(n, part, parts);
        if (part == 0) before = random_tile(fourier);
        std::vector<double> spectrum = forward(fourier, before), scratch(before.size());
        sum.resize(before.size());
        fourier.backward(signals(spectrum), signals(sum), scratch.data(),
                         part == 0 ? Signals<double>{nullptr, nullptr} : signals(sum));
      }
      double largest = 0;
      for (Index k = 0; k < n * lane_block; ++k)
        largest = std::max(largest, std::abs(value(sum, 0, k) / double(n * parts) - value(before, 0, k)));
      INFO(n << ", " << parts);
      CHECK(largest < 2e-15);
    }
  }
}

// Products of floats in the order of ComplexPack::by, so that the numbers are equal to the bit.
TEST_CASE(
    "a response multiplies the spectrum frequency by frequency, whole or in parts, itself or conjugate") {
  for (const Index n : {1, 5, 8, 21, 64, 200}) {
    for (const Index parts : {1, 2}) {
      const Index whole = n * parts;
      std::vector<float> h(std::size_t(2 * lane_block * (whole / 2 + 1)));
      fill_symmetric({1, Purpose::test, 121}, h);
      for (Index part = 0; part < parts; ++part) {
        const Fourier<float> fourier(n, part, parts);
        const std::vector<float> before = random_tile(fourier);
        const std::vector<float> plain = forward(fourier, before);
        for (const float sign : {1.0F, -1.0F}) {
          std::vector<float> from = before, to(from.size()), scratch(from.size());
          const Times times = sign > 0 ? Times::response : Times::conjugate;
          fourier.forward(signals(from), signals(to), scratch.data(), {times, h.data(), part, parts, whole});
          bool equal = true;
          for (Index k = 0; k < n; ++k) {
            const Index number = k * parts + part;
            const float* of_row = h.data() + 2 * lane_block * std::min(number, whole - number);
            for (Index lane = 0; lane < lane_block; ++lane) {
              const float re = of_row[lane], im = sign * of_row[lane_block + lane];
              const std::complex<double> x = value(plain, k, lane);
              const auto a = float(x.real()), b = float(x.imag());
              equal = equal && value(to, k, lane) ==
                                   std::complex<double>(std::fma(-b, im, a * re), std::fma(a, im, b * re));
            }
          }
          INFO(n << ", part " << part << " of " << parts << ", sign " << sign);
          CHECK(equal);
        }
      }
    }
  }
}

TEST_CASE("good lengths are the products of 2, 3, 5 and 7") {
  std::vector<Index> good;
  for (Index n = 1; n <= 40; n = good.back() + 1) good.push_back(platforms::d2nn::good_length(n));
  CHECK(good == std::vector<Index>{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 12, 14, 15,
                                   16, 18, 20, 21, 24, 25, 27, 28, 30, 32, 35, 36, 40});
  CHECK(platforms::d2nn::good_length(197) == 200);
  CHECK(platforms::d2nn::good_length(5461) == 5488);
}

TEST_CASE("a transform of a length with other factors, or of a part that is not there, is refused") {
  for (const Index n : {-4, 0, 11, 26, 197, 1 << 25}) CHECK_THROWS_AS(Fourier<float>(n), UsageError);
  CHECK_THROWS_AS(Fourier<float>(8, 2, 2), UsageError);
  CHECK_THROWS_AS(Fourier<float>(8, -1, 2), UsageError);
  CHECK_THROWS_AS(Fourier<float>(8, 0, 0), UsageError);
}
