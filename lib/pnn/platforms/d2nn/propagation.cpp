#include "pnn/platforms/d2nn/propagation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/core/transpose.hpp"

namespace pnn::platforms::d2nn {

namespace {

const Plane& checked(const Plane& plane) {
  if (const auto wrong = check_plane(plane); !wrong.empty())
    throw UsageError("diffractive network: " + join(wrong, "; "));
  return plane;
}

// In units of 1/λ: a = λ f is the cosine of a wave's angle to an axis, and its step is λ Δf.
double frequency_step(const Plane& plane, Index side) {
  return 1 / (double(side) * (plane.pixel_um * 1e3 / plane.wavelength_nm));
}
/// a² of a frequency by its number on a padded side.
double frequency_square(const Plane& plane, Index number, Index side) {
  const double a = frequency_step(plane, side) * double(2 * number < side ? number : number - side);
  return a * a;
}

}  // namespace

Phasor<double> free_space_transfer(const Plane& plane, double distance_mm, Index column, Index row) {
  const double distance = distance_mm * 1e6 / plane.wavelength_nm;
  struct Axis {
    double square, edge;
  };
  const auto axis = [&](Index number, Index side) {
    const double steepness = 2 * frequency_step(plane, side) * distance;
    return Axis{frequency_square(plane, number, side), 1 + steepness * steepness};
  };
  const Axis x = axis(column, plane.padded_width()), y = axis(row, plane.padded_height());
  if (x.square * x.edge + y.square > 1 || y.square * y.edge + x.square > 1) return {0, 0};
  return phasor_of_turn(wrap_to_half(distance * std::sqrt(1 - x.square - y.square)));
}

template <class Real>
AngularSpectrum<Real>::Scratch::Scratch(const Plane& plane)
    : tile(std::size_t(2 * lane_block * std::max(plane.padded_width(), plane.padded_height()))),
      other(tile.size()),
      spectrum(std::size_t(2 * plane.height * plane.padded_width())) {}

template <class Real>
AngularSpectrum<Real>::AngularSpectrum(const Plane& plane, double distance_mm)
    : plane_(checked(plane)), along_x_(plane.padded_width()), along_y_(plane.padded_height()) {
  transfer_.resize(std::size_t(2 * along_x_.length() * along_y_.length()));
  set_distance(distance_mm);
}

template <class Real>
void AngularSpectrum<Real>::set_distance(double distance_mm) {
  if (!std::isfinite(distance_mm)) {
    throw UsageError("diffractive network: expected a finite distance, found " + format_number(distance_mm));
  }
  distance_mm_ = distance_mm;
  const Index width = along_x_.length(), height = along_y_.length();
  const double scale = 1 / (double(width) * double(height));
  parallel_for(chunks_of(lane_block, width), [&](std::size_t block) {
    Real* tile = transfer_.data() + Index(block) * along_y_.tile_size();
    for (Index lane = 0; lane < lane_block; ++lane) {
      for (Index row = 0; row < height; ++row) {
        const Phasor<double> h =
            free_space_transfer(plane_, distance_mm, Index(block) * lane_block + lane, row);
        tile[row * lane_block + lane] = Real(scale * h.re);
        tile[(height + row) * lane_block + lane] = Real(scale * h.im);
      }
    }
  });
}

// Rows to their spectra, sixteen at a time; then sixteen columns at a time there, times H, and back; then the
// rows back. Rows that hold only padding are never touched. Between, sixteen columns lie together, [block, 2,
// height, lane_block]: a stride of a whole padded row, a power of two, would use little of a cache.
template <class Real>
void AngularSpectrum<Real>::rows_to_spectra(std::span<const Real> from, std::span<Real> spectrum,
                                            Scratch& scratch) const {
  const Index width = plane_.width, height = plane_.height, pixels = plane_.pixels();
  const Index columns = along_x_.length();
  Real *tile = scratch.tile.data(), *other = scratch.other.data();
  for (Index y = 0; y < height; y += lane_block) {
    const Index lanes = std::min<Index>(lane_block, height - y);
    for (Index part = 0; part < 2; ++part) {
      Real* values = tile + part * columns * lane_block;
      std::fill(values + (lanes < lane_block ? 0 : width * lane_block), values + columns * lane_block,
                Real(0));
      transpose(from.data() + part * pixels + y * width, width, lanes, width, values, lane_block);
    }
    along_x_.forward(tile, other);
    for (Index part = 0; part < 2; ++part) {
      const Real* values = tile + part * columns * lane_block;
      for (Index column = 0; column < columns; column += lane_block) {
        transpose(values + column * lane_block, lane_block, lane_block, lanes,
                  spectrum.data() + (2 * column + part * lane_block) * height + y * lane_block, lane_block);
      }
    }
  }
}

template <class Real>
void AngularSpectrum<Real>::column_spectra(std::span<const Real> spectrum, Index column, Real* tile,
                                           Real* other) const {
  const Index filled = plane_.height * lane_block, whole = along_y_.length() * lane_block;
  for (Index part = 0; part < 2; ++part) {
    Real* values = tile + part * whole;
    std::copy_n(spectrum.data() + 2 * column * plane_.height + part * filled, filled, values);
    std::fill(values + filled, values + whole, Real(0));
  }
  along_y_.forward(tile, other);
}

template <class Real>
template <typename AngularSpectrum<Real>::Direction direction, typename AngularSpectrum<Real>::Sum sum>
double AngularSpectrum<Real>::run(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  using P = Pack<Real>;
  const Index width = plane_.width, height = plane_.height, pixels = plane_.pixels();
  const Index columns = along_x_.length(), rows = along_y_.length();
  Real *tile = scratch.tile.data(), *other = scratch.other.data(), *spectrum = scratch.spectrum.data();
  rows_to_spectra(from, scratch.spectrum, scratch);

  double total = 0;
  for (Index column = 0; column < columns; column += lane_block) {
    Real *re = tile, *im = tile + rows * lane_block;
    column_spectra(scratch.spectrum, column, tile, other);
    if constexpr (sum == Sum::slope) {
      column_spectra(scratch.sent_spectrum, column, scratch.sent_tile.data(), other);
      total += column_slope(column, tile, scratch.sent_tile.data());
    }
    const Real* transfer = transfer_.data() + column / lane_block * along_y_.tile_size();
    for (Index k = 0; k < rows * lane_block; k += P::size) {
      const P hr = P::load(transfer + k), hi = P::load(transfer + rows * lane_block + k);
      const P ur = P::load(re + k), ui = P::load(im + k);
      if constexpr (direction == Direction::adjoint) {
        (ur * hr + ui * hi).store(re + k);
        (ui * hr - ur * hi).store(im + k);
      } else {
        (ur * hr - ui * hi).store(re + k);
        (ui * hr + ur * hi).store(im + k);
      }
    }
    if constexpr (sum == Sum::power) {
      for (Index k = 0; k < rows * lane_block; ++k)
        total += double(re[k]) * double(re[k]) + double(im[k]) * double(im[k]);
    }
    along_y_.backward(tile, other);
    Real* kept = spectrum + 2 * column * height;
    std::copy_n(re, height * lane_block, kept);
    std::copy_n(im, height * lane_block, kept + height * lane_block);
  }

  for (Index y = 0; y < height; y += lane_block) {
    const Index lanes = std::min<Index>(lane_block, height - y);
    for (Index part = 0; part < 2; ++part) {
      Real* values = tile + part * columns * lane_block;
      if (lanes < lane_block) std::fill(values, values + columns * lane_block, Real(0));
      for (Index column = 0; column < columns; column += lane_block) {
        transpose(spectrum + (2 * column + part * lane_block) * height + y * lane_block, lane_block, lanes,
                  lane_block, values + column * lane_block, lane_block);
      }
    }
    along_x_.backward(tile, other);
    for (Index part = 0; part < 2; ++part) {
      transpose(tile + part * columns * lane_block, lane_block, width, lanes,
                to.data() + part * pixels + y * width, width);
    }
  }
  return total;
}

// ∂/∂d of Re Σ conj(A) H V is Re Σ conj(A) i κ H V = −Σ κ Im(conj(A) H V), κ = k_z − 2π/λ. With s = λ² f²,
// κ = −(2π/λ) s / (1 + √(1 − s)); where s is above 1, H is 0.
template <class Real>
double AngularSpectrum<Real>::column_slope(Index column, const Real* target, const Real* sent) const {
  const Index rows = along_y_.length(), columns = along_x_.length(), imaginary = rows * lane_block;
  const Real* transfer = transfer_.data() + column / lane_block * along_y_.tile_size();
  std::array<double, lane_block> square_x{}, sums{};
  for (Index lane = 0; lane < lane_block; ++lane)
    square_x[std::size_t(lane)] = frequency_square(plane_, column + lane, columns);
  for (Index row = 0; row < rows; ++row) {
    const double square_y = frequency_square(plane_, row, rows);
    const Index at = row * lane_block;
    for (Index lane = 0; lane < lane_block; ++lane) {
      const Index k = at + lane;
      const double hr = double(transfer[k]), hi = double(transfer[imaginary + k]);
      const double vr = double(sent[k]), vi = double(sent[imaginary + k]);
      const double re = hr * vr - hi * vi, im = hr * vi + hi * vr;
      const double s = square_x[std::size_t(lane)] + square_y;
      const double kappa = s / (1 + std::sqrt(std::max(0.0, 1 - s)));
      sums[std::size_t(lane)] += kappa * (double(target[k]) * im - double(target[imaginary + k]) * re);
    }
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  return 2 * std::numbers::pi * 1e6 / plane_.wavelength_nm * sum;
}

template <class Real>
void AngularSpectrum<Real>::forward(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  static_cast<void>(run<Direction::forward, Sum::nothing>(from, to, scratch));
}
template <class Real>
void AngularSpectrum<Real>::adjoint(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  static_cast<void>(run<Direction::adjoint, Sum::nothing>(from, to, scratch));
}

template <class Real>
double AngularSpectrum<Real>::adjoint_and_slope(std::span<const Real> from, std::span<const Real> sent,
                                                std::span<Real> to, Scratch& scratch) const {
  scratch.sent_tile.resize(scratch.tile.size());
  scratch.sent_spectrum.resize(scratch.spectrum.size());
  rows_to_spectra(sent, scratch.sent_spectrum, scratch);
  return run<Direction::adjoint, Sum::slope>(from, to, scratch);
}

template <class Real>
PropagationLosses AngularSpectrum<Real>::losses(std::span<const Real> from, std::span<Real> to,
                                                Scratch& scratch) const {
  const double sent = field_power(from);
  const double passed = run<Direction::forward, Sum::power>(from, to, scratch) * double(along_x_.length()) *
                        double(along_y_.length());
  if (!(sent > 0)) return {};
  return {1 - passed / sent, (passed - field_power(std::span<const Real>(to))) / sent};
}

template <class Real>
double field_power(std::span<const Real> field) {
  double sum = 0;
  for (const Real u : field) sum += double(u) * double(u);
  return sum;
}

template class AngularSpectrum<float>;
template class AngularSpectrum<double>;
template double field_power<float>(std::span<const float>);
template double field_power<double>(std::span<const double>);

}  // namespace pnn::platforms::d2nn
