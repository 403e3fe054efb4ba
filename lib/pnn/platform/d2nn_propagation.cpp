#include "pnn/platform/d2nn_propagation.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/transpose.hpp"

namespace pnn::platform {

namespace {

constexpr Index longest_side = Index(1) << 14;  // padded

Index padded(Index side, Index padding) {
  return Index(std::bit_ceil(std::size_t(std::max<Index>(side * padding, lane_block))));
}

const D2nnPlane& checked(const D2nnPlane& plane) {
  if (const auto wrong = check_plane(plane); !wrong.empty())
    throw UsageError("diffractive network: " + join(wrong, "; "));
  return plane;
}

}  // namespace

Index D2nnPlane::padded_width() const {
  return padded(width, padding);
}
Index D2nnPlane::padded_height() const {
  return padded(height, padding);
}

std::vector<std::string> check_plane(const D2nnPlane& plane) {
  std::vector<std::string> complaints;
  const bool padding_fits = plane.padding >= 2 && plane.padding <= longest_side;
  if (!padding_fits)
    complaints.push_back("padding: expected 2 or more, found " + std::to_string(plane.padding));
  const Index longest = longest_side / (padding_fits ? plane.padding : 2);
  const auto side = [&](const char* name, Index value) {
    if (value < 1 || value > longest)
      complaints.push_back(std::string(name) + ": expected 1 to " + std::to_string(longest) +
                           " pixels, found " + std::to_string(value));
  };
  side("width", plane.width);
  side("height", plane.height);
  const auto positive = [&](const char* name, double value) {
    if (!(value > 0 && std::isfinite(value)))
      complaints.push_back(std::string(name) + ": expected a number above 0, found " + format_number(value));
  };
  positive("pixel_um", plane.pixel_um);
  positive("wavelength_nm", plane.wavelength_nm);
  return complaints;
}

// In units of 1/λ: a = λ f is the cosine of a wave's angle to an axis, and its step is λ Δf.
Phasor<double> free_space_transfer(const D2nnPlane& plane, double distance_mm, Index column, Index row) {
  const double wavelengths_a_pixel = plane.pixel_um * 1e3 / plane.wavelength_nm;
  const double distance = distance_mm * 1e6 / plane.wavelength_nm;
  struct Axis {
    double square, edge;
  };
  const auto axis = [&](Index number, Index side) {
    const double step = 1 / (double(side) * wavelengths_a_pixel);
    const double a = step * double(2 * number < side ? number : number - side);
    const double steepness = 2 * step * distance;
    return Axis{a * a, 1 + steepness * steepness};
  };
  const Axis x = axis(column, plane.padded_width()), y = axis(row, plane.padded_height());
  if (x.square * x.edge + y.square > 1 || y.square * y.edge + x.square > 1) return {0, 0};
  return phasor_of_turn(wrap_to_half(distance * std::sqrt(1 - x.square - y.square)));
}

template <class Real>
AngularSpectrum<Real>::Scratch::Scratch(const D2nnPlane& plane)
    : tile(std::size_t(2 * lane_block * std::max(plane.padded_width(), plane.padded_height()))),
      other(tile.size()),
      spectrum(std::size_t(2 * plane.height * plane.padded_width())) {}

template <class Real>
AngularSpectrum<Real>::AngularSpectrum(const D2nnPlane& plane, double distance_mm)
    : plane_(checked(plane)),
      distance_mm_(distance_mm),
      along_x_(plane.padded_width()),
      along_y_(plane.padded_height()) {
  if (!std::isfinite(distance_mm)) {
    throw UsageError("diffractive network: expected a finite distance, found " + format_number(distance_mm));
  }
  const Index width = along_x_.length(), height = along_y_.length();
  const double scale = 1 / (double(width) * double(height));
  transfer_.resize(std::size_t(2 * width * height));
  for (Index column = 0; column < width; ++column) {
    Real* tile = transfer_.data() + column / lane_block * along_y_.tile_size() + column % lane_block;
    for (Index row = 0; row < height; ++row) {
      const Phasor<double> h = free_space_transfer(plane, distance_mm, column, row);
      tile[row * lane_block] = Real(scale * h.re);
      tile[(height + row) * lane_block] = Real(scale * h.im);
    }
  }
}

// Rows to their spectra, sixteen at a time; then sixteen columns at a time there, times H, and back; then the
// rows back. Rows that hold only padding are never touched.
template <class Real>
template <bool Adjoint, bool Count>
double AngularSpectrum<Real>::run(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  using P = Pack<Real>;
  const Index width = plane_.width, height = plane_.height, pixels = plane_.pixels();
  const Index columns = along_x_.length(), rows = along_y_.length(), half = height * columns;
  Real *tile = scratch.tile.data(), *other = scratch.other.data(), *spectrum = scratch.spectrum.data();

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
      transpose(tile + part * columns * lane_block, lane_block, columns, lanes,
                spectrum + part * half + y * columns, columns);
    }
  }

  double passed = 0;
  for (Index column = 0; column < columns; column += lane_block) {
    Real *re = tile, *im = tile + rows * lane_block;
    for (Index part = 0; part < 2; ++part) {
      Real* values = part == 0 ? re : im;
      for (Index y = 0; y < height; ++y) {
        const Real* source = spectrum + part * half + y * columns + column;
        std::copy(source, source + lane_block, values + y * lane_block);
      }
      std::fill(values + height * lane_block, values + rows * lane_block, Real(0));
    }
    along_y_.forward(tile, other);
    const Real* transfer = transfer_.data() + column / lane_block * along_y_.tile_size();
    for (Index k = 0; k < rows * lane_block; k += P::size) {
      const P hr = P::load(transfer + k), hi = P::load(transfer + rows * lane_block + k);
      const P ur = P::load(re + k), ui = P::load(im + k);
      if constexpr (Adjoint) {
        (ur * hr + ui * hi).store(re + k);
        (ui * hr - ur * hi).store(im + k);
      } else {
        (ur * hr - ui * hi).store(re + k);
        (ui * hr + ur * hi).store(im + k);
      }
    }
    if constexpr (Count) {
      for (Index k = 0; k < rows * lane_block; ++k)
        passed += double(re[k]) * double(re[k]) + double(im[k]) * double(im[k]);
    }
    along_y_.backward(tile, other);
    for (Index part = 0; part < 2; ++part) {
      const Real* values = part == 0 ? re : im;
      for (Index y = 0; y < height; ++y) {
        std::copy(values + y * lane_block, values + (y + 1) * lane_block,
                  spectrum + part * half + y * columns + column);
      }
    }
  }

  for (Index y = 0; y < height; y += lane_block) {
    const Index lanes = std::min<Index>(lane_block, height - y);
    for (Index part = 0; part < 2; ++part) {
      Real* values = tile + part * columns * lane_block;
      if (lanes < lane_block) std::fill(values, values + columns * lane_block, Real(0));
      transpose(spectrum + part * half + y * columns, columns, lanes, columns, values, lane_block);
    }
    along_x_.backward(tile, other);
    for (Index part = 0; part < 2; ++part) {
      transpose(tile + part * columns * lane_block, lane_block, width, lanes,
                to.data() + part * pixels + y * width, width);
    }
  }
  return passed * double(rows) * double(columns);
}

template <class Real>
void AngularSpectrum<Real>::forward(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  static_cast<void>(run<false, false>(from, to, scratch));
}
template <class Real>
void AngularSpectrum<Real>::adjoint(std::span<const Real> from, std::span<Real> to, Scratch& scratch) const {
  static_cast<void>(run<true, false>(from, to, scratch));
}

template <class Real>
PropagationLosses AngularSpectrum<Real>::losses(std::span<const Real> from, std::span<Real> to,
                                                Scratch& scratch) const {
  const double sent = field_power(from);
  const double passed = run<false, true>(from, to, scratch);
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

}  // namespace pnn::platform
