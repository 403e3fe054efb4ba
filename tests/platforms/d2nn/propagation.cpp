#include "pnn/platforms/d2nn/propagation.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/platform.hpp"
#include "pnn/platforms/d2nn/process.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using platforms::d2nn::AngularSpectrum;
using platforms::d2nn::Plane;

namespace {

using Complex = std::complex<double>;

template <class Real>
std::vector<Real> random_field(const Plane& plane, std::uint32_t step) {
  std::vector<Real> field(std::size_t(plane.field_size()));
  fill_symmetric({3, Purpose::test, 121, 0, step}, field);
  return field;
}

template <class Real>
std::vector<Real> propagate(const Plane& plane, double distance_mm, const std::vector<Real>& from) {
  typename AngularSpectrum<Real>::Scratch scratch(plane);
  std::vector<Real> to(from.size());
  AngularSpectrum<Real>(plane, distance_mm).forward(from, to, scratch);
  return to;
}

/// A Gaussian beam (A. E. Siegman, Lasers, chapter 17) of waist w0 at a distance from its waist, about a
/// point off the window's centre: (w0/w) exp(−r²/w²) exp(i(kz + k r²/2R − ψ)).
template <class Real>
std::vector<Real> gaussian_beam(const Plane& plane, double waist_um, double distance_mm, double x_um = 0,
                                double y_um = 0) {
  const double wavelength = plane.wavelength_nm * 1e-3, z = distance_mm * 1e3;
  const double rayleigh = std::numbers::pi * waist_um * waist_um / wavelength;
  const double k = 2 * std::numbers::pi / wavelength;
  const double w = waist_um * std::hypot(1, z / rayleigh);
  const double curvature = z / (z * z + rayleigh * rayleigh);
  std::vector<Real> field;
  for (const bool imaginary : {false, true}) {
    for (Index y = 0; y < plane.height; ++y) {
      for (Index x = 0; x < plane.width; ++x) {
        const double dx = (double(x) - double(plane.width - 1) / 2) * plane.pixel_um - x_um;
        const double dy = (double(y) - double(plane.height - 1) / 2) * plane.pixel_um - y_um;
        const double r2 = dx * dx + dy * dy;
        const Complex u = std::polar(waist_um / w * std::exp(-r2 / (w * w)),
                                     k * z + k * r2 * curvature / 2 - std::atan(z / rayleigh));
        field.push_back(Real(imaginary ? u.imag() : u.real()));
      }
    }
  }
  return field;
}

template <class Real>
double relative_distance(const std::vector<Real>& a, const std::vector<Real>& b) {
  double difference = 0, size = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    difference += std::pow(double(a[k]) - double(b[k]), 2);
    size += std::pow(double(b[k]), 2);
  }
  return std::sqrt(difference / size);
}

template <class Real>
double power(const std::vector<Real>& field) {
  return platforms::d2nn::field_power(std::span<const Real>(field));
}

}  // namespace

TEST_CASE("light in free space is the sum over plane waves that defines it, with and without padding") {
  struct Case {
    Plane plane;
    Index columns, rows;
  };
  const Case cases[] = {
      {{7, 19, 0.4, 532, 2}, 14, 40}, {{11, 8, 0.4, 532, 3}, 36, 24}, {{7, 20, 0.2, 532, 1}, 7, 20}};
  for (const auto& [plane, columns, rows] : cases) {
    constexpr double distance_mm = 0.004;
    REQUIRE(columns == plane.padded_width());
    REQUIRE(rows == plane.padded_height());
    INFO("padded by " << plane.padding);
    const std::vector<double> from = random_field<double>(plane, 0);
    const std::vector<double> to = propagate(plane, distance_mm, from);
    const auto wave = [&, columns = columns, rows = rows](Index column, Index row, Index x, Index y) {
      return std::polar(1.0, 2 * std::numbers::pi *
                                 (double(column * x) / double(columns) + double(row * y) / double(rows)));
    };
    const double wavelength = plane.wavelength_nm * 1e-9, d = distance_mm * 1e-3;
    std::vector<Complex> spectrum;
    Index cut = 0;
    for (Index row = 0; row < rows; ++row) {
      for (Index column = 0; column < columns; ++column) {
        const double side_x = double(columns) * plane.pixel_um * 1e-6;
        const double side_y = double(rows) * plane.pixel_um * 1e-6;
        const double fx = double(2 * column < columns ? column : column - columns) / side_x;
        const double fy = double(2 * row < rows ? row : row - rows) / side_y;
        const double square = 1 / (wavelength * wavelength) - fx * fx - fy * fy;
        // what a step of one sample turns H by, in turns, may be half a turn at most
        const bool slow = std::abs(fx) * d <= side_x / 2 * std::sqrt(square) &&
                          std::abs(fy) * d <= side_y / 2 * std::sqrt(square);
        const bool passes = square > 0 && (slow || plane.padding == 1);
        Complex sum = 0;
        for (Index y = 0; passes && y < plane.height; ++y) {
          for (Index x = 0; x < plane.width; ++x) {
            const auto p = std::size_t(y * plane.width + x);
            const Complex u(from[p], from[std::size_t(plane.pixels()) + p]);
            sum += u * std::conj(wave(column, row, x, y));
          }
        }
        if (passes) sum *= std::polar(1.0, 2 * std::numbers::pi * std::sqrt(square) * d);
        cut += passes ? 0 : 1;
        spectrum.push_back(sum / double(rows * columns));
      }
    }
    CHECK(cut > 10);
    CHECK(cut < rows * columns - 10);
    for (Index y = 0; y < plane.height; ++y) {
      for (Index x = 0; x < plane.width; ++x) {
        Complex sum = 0;
        for (Index row = 0; row < rows; ++row) {
          for (Index column = 0; column < columns; ++column)
            sum += spectrum[std::size_t(row * columns + column)] * wave(column, row, x, y);
        }
        const auto p = std::size_t(y * plane.width + x);
        CHECK(std::abs(Complex(to[p], to[std::size_t(plane.pixels()) + p]) - sum) < 1e-12);
      }
    }
  }
}

TEST_CASE("without padding light that leaves one side comes back on the other, and no power is lost") {
  const Plane plane{28, 20, 2, 532, 1};  // pixels of 2 µm sample no evanescent wave
  constexpr Index right = 9, down = 13;
  const auto moved = [&](const std::vector<double>& field) {
    std::vector<double> to(field.size());
    for (std::size_t k = 0; k < field.size(); ++k) {
      const Index pixel = Index(k) % plane.pixels(), part = Index(k) / plane.pixels();
      const Index x = (pixel % plane.width + right) % plane.width,
                  y = (pixel / plane.width + down) % plane.height;
      to[std::size_t(part * plane.pixels() + y * plane.width + x)] = field[k];
    }
    return to;
  };
  const std::vector<double> from = random_field<double>(plane, 7);
  AngularSpectrum<double>::Scratch scratch(plane);
  std::vector<double> to(from.size());
  for (const double distance_mm : {0.05, 3.0}) {
    const auto losses = AngularSpectrum<double>(plane, distance_mm).losses(from, to, scratch);
    CHECK(std::abs(losses.band) < 1e-14);
    CHECK(std::abs(losses.window) < 1e-14);
    CHECK(power(to) == Approx(power(from)).epsilon(1e-14));
    CHECK(relative_distance(propagate(plane, distance_mm, moved(from)), moved(to)) < 1e-14);
    CHECK(relative_distance(to, from) > 0.1);
  }
}

TEST_CASE("sides are padded to the next length that transforms are quick for, and no further") {
  const auto padded = [](Index width, Index height, Index padding) {
    const Plane plane{width, height, 2, 532, padding};
    return std::vector<Index>{plane.padded_width(), plane.padded_height()};
  };
  CHECK(padded(200, 128, 2) == std::vector<Index>{400, 256});
  CHECK(padded(512, 196, 2) == std::vector<Index>{1024, 392});
  CHECK(padded(13, 1, 3) == std::vector<Index>{42, 3});
  CHECK(padded(200, 196, 1) == std::vector<Index>{200, 196});
  CHECK(platforms::d2nn::check_plane({200, 196, 2, 532, 1}).empty());
  const auto wrong = platforms::d2nn::check_plane({200, 197, 2, 532, 1});
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0] ==
        "padding: without padding (padding=1) a side has no other factors than 2, 3, 5 and 7, as 200 pixels "
        "have; "
        "found a height of 197");
}

TEST_CASE("a field inside passband and window keeps its power") {
  const Plane plane;
  for (const double distance_mm : {-1.0, 0.0, 0.5, 2.0, 5.0}) {
    INFO(distance_mm);
    const std::vector<double> from = gaussian_beam<double>(plane, 36, 0, 6, -4);
    AngularSpectrum<double>::Scratch scratch(plane);
    std::vector<double> to(from.size());
    const auto losses = AngularSpectrum<double>(plane, distance_mm).losses(from, to, scratch);
    CHECK(std::abs(power(to) / power(from) - 1) < 1e-6);
    CHECK(std::abs(losses.band) < 1e-6);
    CHECK(std::abs(losses.window) < 1e-6);
    // float: a few units of 6e-8, beside what the edges cut
    const std::vector<float> narrow(from.begin(), from.end());
    CHECK(std::abs(power(propagate(plane, distance_mm, narrow)) / power(narrow) - 1) < 2e-6);
  }
}

TEST_CASE("what leaves passband or window is reported as lost") {
  const Plane plane{32, 24, 2, 532, 2};
  AngularSpectrum<double>::Scratch scratch(plane);
  const auto lost = [&](double distance_mm, const std::vector<double>& from) {
    std::vector<double> to(from.size());
    const auto losses = AngularSpectrum<double>(plane, distance_mm).losses(from, to, scratch);
    CHECK(losses.band + losses.window == Approx(1 - power(to) / power(from)).margin(1e-12));
    CHECK(to == propagate(plane, distance_mm, from));
    return losses;
  };
  // a pattern of the finest stripes lies at the end of the spectrum, which 5 mm on this plane do not pass
  std::vector<double> stripes(std::size_t(plane.field_size()));
  for (std::size_t k = 0; k < stripes.size() / 2; ++k) stripes[k] = k % 2 == 0 ? 1 : -1;
  CHECK(lost(5, stripes).band > 0.9);
  CHECK(lost(0, stripes).band < 1e-12);
  CHECK(lost(0, stripes).window < 1e-12);
  // a point sends light everywhere, after a tenth of a millimetre mostly past a window of 64 × 48 µm or less
  std::vector<double> corner(std::size_t(plane.field_size()));
  corner[0] = 1;
  CHECK(lost(0.1, corner).band < 1e-12);
  CHECK(lost(0.1, corner).window > 0.5);
  // and of no light nothing is lost
  const std::vector<double> dark(corner.size());
  std::vector<double> to(dark.size());
  const auto losses = AngularSpectrum<double>(plane, 0.1).losses(dark, to, scratch);
  CHECK(losses.band == 0);
  CHECK(losses.window == 0);
}

TEST_CASE("a Gaussian beam spreads, bends and turns as its closed form says") {
  const Plane plane;
  for (const double distance_mm : {0.3, 1.0, 3.0}) {
    INFO(distance_mm);
    const std::vector<double> expected = gaussian_beam<double>(plane, 30, distance_mm, 10, -8);
    CHECK(relative_distance(propagate(plane, distance_mm, gaussian_beam<double>(plane, 30, 0, 10, -8)),
                            expected) < 1e-3);
    const std::vector<float> narrow(expected.begin(), expected.end());
    CHECK(relative_distance(propagate(plane, distance_mm, gaussian_beam<float>(plane, 30, 0, 10, -8)),
                            narrow) < 1e-3);
  }
}

TEST_CASE("two ways through free space add up to one, and the way back undoes it") {
  const Plane plane;
  const std::vector<double> from = gaussian_beam<double>(plane, 30, 0, -5, 7);
  const std::vector<double> halfway = propagate(plane, 0.75, from);
  CHECK(relative_distance(propagate(plane, 1.25, halfway), propagate(plane, 2, from)) < 1e-4);
  CHECK(relative_distance(propagate(plane, -0.75, halfway), from) < 1e-4);
}

TEST_CASE("the adjoint of free space is its adjoint") {
  const Plane planes[] = {{}, {20, 33, 2, 532, 3}, {5, 1, 0.2, 1550, 2}, {21, 40, 2, 532, 1}};
  for (const Plane& plane : planes) {
    const AngularSpectrum<double> space(plane, 1.7);
    AngularSpectrum<double>::Scratch scratch(plane);
    const std::vector<double> u = random_field<double>(plane, 1), v = random_field<double>(plane, 2);
    std::vector<double> pu(u.size()), pv(v.size());
    space.forward(u, pu, scratch);
    space.adjoint(v, pv, scratch);
    double forth = 0, back = 0;
    for (std::size_t k = 0; k < u.size(); ++k) {
      forth += pu[k] * v[k];
      back += u[k] * pv[k];
    }
    // relative to ‖u‖ ‖v‖, which bounds both
    CHECK(std::abs(forth - back) < 1e-12 * std::sqrt(power(u) * power(v)));
    CHECK(std::abs(forth) > 1e-6 * std::sqrt(power(u) * power(v)));
  }
}

TEST_CASE("the slope by the distance is the change of what an adjoint measures, the carrier left out") {
  const Plane planes[] = {{}, {20, 33, 2, 532, 3}, {21, 40, 2, 532, 1}};
  for (const Plane& plane : planes) {
    AngularSpectrum<double> space(plane, 1.7);
    AngularSpectrum<double>::Scratch scratch(plane);
    const std::vector<double> sent = random_field<double>(plane, 5), seen = random_field<double>(plane, 6);
    std::vector<double> to(sent.size()), plain(sent.size()), there(sent.size());
    const double slope = space.adjoint_and_slope(seen, sent, to, scratch);
    space.adjoint(seen, plain, scratch);
    CHECK(to == plain);
    const auto measured = [&](double by_mm) {  // Re Σ conj(seen) exp(−2πi by/λ) P(d + by) sent
      space.set_distance(1.7 + by_mm);
      space.forward(sent, there, scratch);
      const double turns = std::remainder(by_mm * 1e6 / plane.wavelength_nm, 1.0);
      const Complex carrier = std::polar(1.0, -2 * std::numbers::pi * turns);
      double sum = 0;
      for (std::size_t p = 0; p < sent.size() / 2; ++p) {
        const Complex u = carrier * Complex(there[p], there[sent.size() / 2 + p]);
        sum += seen[p] * u.real() + seen[sent.size() / 2 + p] * u.imag();
      }
      return sum;
    };
    constexpr double step = 1e-6;
    const double expected = (measured(step) - measured(-step)) / (2 * step);
    CHECK(slope == Approx(expected).epsilon(1e-5));
  }
}

TEST_CASE("free space may write where it reads") {
  const Plane plane{20, 33, 2, 532, 2};
  const std::vector<float> from = random_field<float>(plane, 3);
  std::vector<float> inside = from;
  AngularSpectrum<float>::Scratch scratch(plane);
  AngularSpectrum<float>(plane, 1).forward(inside, inside, scratch);
  CHECK(inside == propagate(plane, 1, from));
}

TEST_CASE("a plane that cannot be is refused, with all that is wrong") {
  CHECK(platforms::d2nn::check_plane({}).empty());
  CHECK(platforms::d2nn::check_plane({0, -1, 0, std::nan(""), 0}).size() == 5);
  CHECK(platforms::d2nn::check_plane({4096, 2731, 2, 532, 4}).empty());
  CHECK(platforms::d2nn::check_plane({4096, 2731, 2, 532, 6}).size() == 2);
  CHECK_THROWS_AS(AngularSpectrum<float>({0, 128, 2, 532, 2}, 1), UsageError);
  CHECK_THROWS_AS(AngularSpectrum<float>({}, std::numeric_limits<double>::infinity()), UsageError);
}
