#include "pnn/network/spectrum.hpp"

#include <complex>
#include <numbers>

#include "tests/catch.hpp"

using namespace pnn;
using network::Shape;

namespace {

using Complex = std::complex<double>;

/// Amplitude (u, v) of channel c in row n of k×k spectra.
Complex amplitude(const Matrix<float>& spectra, Index n, Index k, Index u, Index v, Index c = 0) {
  const Index at = (c * k + u + k / 2) * k + v + k / 2;
  return {double(spectra(n, at)), double(spectra(n, at + spectra.cols() / 2))};
}

}  // namespace

TEST_CASE("a spectrum is the centred Fourier transform, cut out and of unit power") {
  // a point at (r, c) has e^{−2πi (u r/H + v c/W)} everywhere: of unit power, 1/k of it; two channels share
  // it
  const Shape shape{2, 6, 10};
  const Index r = 4, c = 7;
  Matrix<float> points = Matrix<float>::Zero(2, shape.size());
  points(0, r * 10 + c) = 3;
  points(1, 60) = 1;
  points(1, 60 + r * 10 + c) = -2;
  for (const Index k : {4, 5}) {
    const Matrix<float> spectra = network::central_spectrum(points, shape, k);
    REQUIRE(spectra.cols() == network::spectrum_shape(shape, k).size());
    REQUIRE(network::spectrum_shape(shape, k) == Shape{2 * k * k, 1, 1, true});
    double power = 0;
    for (Index u = -(k / 2); u < (k + 1) / 2; ++u)
      for (Index v = -(k / 2); v < (k + 1) / 2; ++v) {
        const double angle = -2 * std::numbers::pi * (double(u * r) / 6 + double(v * c) / 10);
        // float's half unit in the last place of numbers below 1
        CHECK(std::abs(amplitude(spectra, 0, k, u, v) - std::polar(1.0 / double(k), angle)) < 1e-7);
        CHECK(amplitude(spectra, 0, k, u, v, 1) == 0.0);
        power += std::norm(1.0 - 2.0 * std::polar(1.0, angle));
      }
    CHECK(std::abs(amplitude(spectra, 1, k, 0, 0, 1) + 1 / std::sqrt(power)) < 1e-7);
  }
}

TEST_CASE("a wave is a pair of frequencies, a flat picture one, a dark one none") {
  const Shape shape{1, 8, 12};
  Matrix<float> pictures = Matrix<float>::Zero(3, shape.size());
  for (Index r = 0; r < 8; ++r)
    for (Index c = 0; c < 12; ++c) {
      pictures(0, r * 12 + c) = float(std::cos(2 * std::numbers::pi * (double(r) / 8 - double(2 * c) / 12)));
      pictures(1, r * 12 + c) = 0.3F;
    }
  const Matrix<float> spectra = network::central_spectrum(pictures, shape, 5);
  for (Index u = -2; u <= 2; ++u)
    for (Index v = -2; v <= 2; ++v) {
      const bool wave = (u == 1 && v == -2) || (u == -1 && v == 2);
      // the cosines of 96 pixels are rounded to float
      CHECK(std::abs(amplitude(spectra, 0, 5, u, v) - (wave ? std::sqrt(0.5) : 0)) < 3e-7);
      CHECK(std::abs(amplitude(spectra, 1, 5, u, v) - (u == 0 && v == 0 ? 1.0 : 0.0)) < 1e-7);
    }
  CHECK(spectra.row(2).isZero(0));
}
