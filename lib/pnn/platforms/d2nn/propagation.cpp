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

/// a² of a frequency by its number on a padded side, and a² times what the edge of the band has before it.
struct BandAxis {
  double square, bound;
};

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
BandAxis axis_of(const Plane& plane, double distance_mm, Index number, Index side) {
  const double step = frequency_step(plane, side);
  const double a = step * double(2 * number < side ? number : number - side);
  const double steepness = plane.padding > 1 ? 2 * step * distance_mm * 1e6 / plane.wavelength_nm : 0;
  return {a * a, a * a * (1 + steepness * steepness)};
}

/// H for a distance in wavelengths.
Phasor<double> transfer(double distance, const BandAxis& x, const BandAxis& y) {
  if (x.bound + y.square > 1 || y.bound + x.square > 1) return {0, 0};
  return phasor_of_turn(wrap_to_half(distance * std::sqrt(1 - x.square - y.square)));
}

constexpr Index ahead = 2 * lane_block;  ///< columns between a block and the one that caches are asked for

/// A number of lanes, rounded up to whole blocks.
Index whole_blocks(Index lanes) {
  return (lanes + lane_block - 1) / lane_block * lane_block;
}
/// Rows of the memory of sixteen columns: whole blocks of the plane's, and all that a transform takes.
Index spectrum_rows(const Plane& plane) {
  return std::max(whole_blocks(plane.height), plane.padded_height() / plane.padding);
}

/// Asks the caches for sixteen rows of a block before they are needed: those of two blocks lie far apart.
template <int writes, class Real>
void ask_for(Signals<Real> block, Index row) {
  for (Index k = row; k < row + lane_block; ++k) {
    __builtin_prefetch(block.re + k * lane_block, writes);
    __builtin_prefetch(block.im + k * lane_block, writes);
  }
}

}  // namespace

Phasor<double> free_space_transfer(const Plane& plane, double distance_mm, Index column, Index row) {
  return transfer(distance_mm * 1e6 / plane.wavelength_nm,
                  axis_of(plane, distance_mm, column, plane.padded_width()),
                  axis_of(plane, distance_mm, row, plane.padded_height()));
}

template <class Real>
AngularSpectrum<Real>::Scratch::Scratch(const Plane& plane) {
  const Index longest = std::max(plane.padded_width(), plane.padded_height()) / plane.padding;
  const Index columns = whole_blocks(plane.padded_width());
  for (auto* one : {&tile, &other, &sum}) one->resize(std::size_t(2 * half_tile(longest)));
  wide.resize(std::size_t(2 * half_tile(columns)));
  spectrum.resize(std::size_t(2 * half_tile(spectrum_rows(plane)) * columns / lane_block));
}

template <class Real>
AngularSpectrum<Real>::AngularSpectrum(const Plane& plane, double distance_mm)
    : plane_(checked(plane)), columns_(plane.padded_width()), rows_(plane.padded_height()) {
  for (Index part = 0; part < plane.padding; ++part) {
    along_x_.emplace_back(columns_ / plane.padding, part, plane.padding);
    along_y_.emplace_back(rows_ / plane.padding, part, plane.padding);
  }
  block_rows_ = spectrum_rows(plane);
  transfer_.resize(std::size_t(2 * whole_blocks(columns_) * (rows_ / 2 + 1)));
  set_distance(distance_mm);
}

template <class Real>
void AngularSpectrum<Real>::set_distance(double distance_mm) {
  if (!std::isfinite(distance_mm)) {
    throw UsageError("diffractive network: expected a finite distance, found " + format_number(distance_mm));
  }
  distance_mm_ = distance_mm;
  const double scale = 1 / (double(columns_) * double(rows_)),
               distance = distance_mm * 1e6 / plane_.wavelength_nm;
  std::vector<BandAxis> y;
  for (Index row = 0; 2 * row <= rows_; ++row) y.push_back(axis_of(plane_, distance_mm, row, rows_));
  parallel_for(chunks_of(lane_block, columns_), [&](std::size_t block) {
    const Chunk lanes = chunk_of(block, lane_block, columns_);
    for (Index lane = 0; lane < lanes.count; ++lane) {
      const BandAxis x = axis_of(plane_, distance_mm, column_number(lanes.begin + lane), columns_);
      Real* to = transfer_.data() + 2 * lanes.begin * Index(y.size()) + lane;
      for (const BandAxis& of_row : y) {
        const Phasor<double> h = transfer(distance, x, of_row);
        to[0] = Real(scale * h.re);
        to[lane_block] = Real(scale * h.im);
        to += 2 * lane_block;
      }
    }
  });
}

template <class Real>
Signals<Real> AngularSpectrum<Real>::block_of(Real* spectrum, Index column) const {
  return signals_in(spectrum + column / lane_block * 2 * half_tile(block_rows_), block_rows_);
}

// Rows to their spectra, sixteen at a time, each part of the frequencies after the other; then sixteen
// columns at a time there, times H, and back, part by part; then the rows back. Zeros of the padding are in
// no transform (fourier.hpp), except those up to the next good length. Between, sixteen columns lie together,
// as signals of block_rows_ points; lanes beyond the last column, and rows beyond the last one of the plane,
// are 0 on the way in.
template <class Real>
void AngularSpectrum<Real>::rows_to_spectra(std::span<const Real> from, std::span<Real> spectrum,
                                            Scratch& scratch) const {
  const Index width = plane_.width, height = plane_.height, pixels = plane_.pixels();
  const Index columns = whole_blocks(columns_), points = along_x_[0].length();
  const Signals<Real> tile = signals_in(scratch.tile.data(), points),
                      wide = signals_in(scratch.wide.data(), columns);
  for (Index y = 0; y < height; y += lane_block) {
    const Index lanes = std::min<Index>(lane_block, height - y);
    const Real* source = from.data() + y * width;
    for (Real* values : {tile.re, tile.im}) {
      std::fill(values + (lanes < lane_block ? 0 : width * lane_block), values + points * lane_block,
                Real(0));
      transpose(source, width, lanes, width, values, lane_block);
      source += pixels;
    }
    for (Index part = 0; part < plane_.padding; ++part)
      along_x_[std::size_t(part)].forward(tile, part_of(wide, part), scratch.other.data());
    for (Index column = 0; column < columns; column += lane_block) {
      const Signals<Real> block = block_of(spectrum.data(), column);
      if (column + ahead < columns) ask_for<1>(block_of(spectrum.data(), column + ahead), y);
      transpose_block(wide.re + column * lane_block, lane_block, block.re + y * lane_block, lane_block);
      transpose_block(wide.im + column * lane_block, lane_block, block.im + y * lane_block, lane_block);
    }
  }
  const Index filled = std::min(whole_blocks(height), block_rows_) * lane_block;
  for (Index column = 0; column < columns; column += lane_block) {
    const Signals<Real> block = block_of(spectrum.data(), column);
    for (Real* values : {block.re, block.im})
      std::fill(values + filled, values + block_rows_ * lane_block, Real(0));
  }
}

template <class Real>
template <typename AngularSpectrum<Real>::Direction direction, typename AngularSpectrum<Real>::Sum sum>
double AngularSpectrum<Real>::columns_through_space(Scratch& scratch) const {
  const Index columns = whole_blocks(columns_), points = along_y_[0].length();
  const Signals<Real> none{nullptr, nullptr}, tile = signals_in(scratch.tile.data(), points),
                                              before = signals_in(scratch.sum.data(), points);
  Real* other = scratch.other.data();
  constexpr Times times = direction == Direction::adjoint ? Times::conjugate : Times::response;
  double total = 0;
  for (Index column = 0; column < columns; column += lane_block) {
    const Signals<Real> block = block_of(scratch.spectrum.data(), column);
    for (Index part = 0; part < plane_.padding; ++part) {
      const Fourier<Real>& along_y = along_y_[std::size_t(part)];
      along_y.forward(block, tile, other, response_of(times, column, part));
      if constexpr (sum == Sum::slope) {
        const Signals<Real> sent = signals_in(scratch.sent_tile.data(), points);
        along_y.forward(block_of(scratch.sent_spectrum.data(), column), sent, other);
        total += column_slope(column, part, tile, sent);
      }
      if constexpr (sum == Sum::power) {
        for (Index k = 0; k < points * lane_block; ++k)
          total += double(tile.re[k]) * double(tile.re[k]) + double(tile.im[k]) * double(tile.im[k]);
      }
      const bool last = part + 1 == plane_.padding;
      along_y.backward(tile, last ? block : before, other, part == 0 ? none : before);
    }
  }
  return total;
}

template <class Real>
void AngularSpectrum<Real>::spectra_to_rows(std::span<Real> to, Scratch& scratch) const {
  const Index width = plane_.width, height = plane_.height, pixels = plane_.pixels();
  const Index columns = whole_blocks(columns_);
  const Signals<Real> none{nullptr, nullptr}, out = signals_in(scratch.tile.data(), along_x_[0].length()),
                                              wide = signals_in(scratch.wide.data(), columns);
  for (Index y = 0; y < height; y += lane_block) {
    for (Index column = 0; column < columns; column += lane_block) {
      const Signals<Real> block = block_of(scratch.spectrum.data(), column);
      if (column + ahead < columns) ask_for<0>(block_of(scratch.spectrum.data(), column + ahead), y);
      transpose_block(block.re + y * lane_block, lane_block, wide.re + column * lane_block, lane_block);
      transpose_block(block.im + y * lane_block, lane_block, wide.im + column * lane_block, lane_block);
    }
    for (Index part = 0; part < plane_.padding; ++part) {
      along_x_[std::size_t(part)].backward(part_of(wide, part), out, scratch.other.data(),
                                           part == 0 ? none : out);
    }
    const Index lanes = std::min<Index>(lane_block, height - y);
    transpose(out.re, lane_block, width, lanes, to.data() + y * width, width);
    transpose(out.im, lane_block, width, lanes, to.data() + pixels + y * width, width);
  }
}

template <class Real>
template <typename AngularSpectrum<Real>::Direction direction, typename AngularSpectrum<Real>::Sum sum>
double AngularSpectrum<Real>::run(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  rows_to_spectra(from, scratch.spectrum, scratch);
  const double total = columns_through_space<direction, sum>(scratch);
  spectra_to_rows(to, scratch);
  return total;
}

// ∂/∂d of Re Σ conj(A) H V is Re Σ conj(A) i κ H V = −Σ κ Im(conj(B) V), κ = k_z − 2π/λ, of B = conj(H) A,
// the light behind the gap on its way back. With s = λ² f², κ = −(2π/λ) s / (1 + √(1 − s)); where s is above
// 1, H is 0.
template <class Real>
double AngularSpectrum<Real>::column_slope(Index column, Index part, Signals<const Real> back,
                                           Signals<const Real> sent) const {
  std::array<double, lane_block> square_x{}, sums{};
  for (Index lane = 0; lane < lane_block; ++lane)
    square_x[std::size_t(lane)] = axis_of(plane_, 0, column_number(column + lane), columns_).square;
  for (Index row = 0; row < along_y_[0].length(); ++row) {
    const double square_y = axis_of(plane_, 0, plane_.padding * row + part, rows_).square;
    const Index at = row * lane_block;
    for (Index lane = 0; lane < lane_block; ++lane) {
      const Index k = at + lane;
      const double s = square_x[std::size_t(lane)] + square_y;
      const double kappa = s / (1 + std::sqrt(std::max(0.0, 1 - s)));
      sums[std::size_t(lane)] +=
          kappa * (double(back.re[k]) * double(sent.im[k]) - double(back.im[k]) * double(sent.re[k]));
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
  const double passed =
      run<Direction::forward, Sum::power>(from, to, scratch) * double(columns_) * double(rows_);
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
