#include "pnn/platforms/freespace/spread.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/platform/warp.hpp"
#include "pnn/platforms/freespace/picture_sums.hpp"

namespace pnn::platforms::freespace {
namespace {

/// to[i] = Σ_t taps[t] from[i + t · step] for `Packs` packs.
template <Index Packs, class Real>
void convolve_packs(std::span<const Real> taps, const Real* from, Index step, Real* to) {
  using P = Pack<Real>;
  P sums[Packs];
#pragma GCC unroll 8
  for (Index p = 0; p < Packs; ++p) sums[p] = P(Real(0));
  for (const Real tap : taps) {
    const P factor(tap);
#pragma GCC unroll 8
    for (Index p = 0; p < Packs; ++p) sums[p] = add_product(sums[p], factor, P::load(from + p * P::size));
    from += step;
  }
#pragma GCC unroll 8
  for (Index p = 0; p < Packs; ++p) sums[p].store(to + p * P::size);
}

/// The same for i < count, a multiple of lane_block: many at a time, since sums wait for themselves.
template <class Real>
void convolve(std::span<const Real> taps, const Real* from, Index step, Index count, Real* to) {
  constexpr Index many = 8, size = Pack<Real>::size;
  Index i = 0;
  for (; i + many * size <= count; i += many * size) convolve_packs<many>(taps, from + i, step, to + i);
  for (; i < count; i += size) convolve_packs<1>(taps, from + i, step, to + i);
}

Index whole_blocks(Index count) {
  return (count + lane_block - 1) / lane_block * lane_block;
}

}  // namespace

template <class Real>
Spread<Real>::Spread(const Plan& plan, double blur_px, Index lanes) : plan_(plan), lanes_(lanes) {
  require(lanes == 1 || lanes == lane_block, "pictures one by one, or as many as lanes");
  for (const double tap : platform::gaussian_taps(blur_px)) taps_.push_back(Real(tap));
  pitch_ = plan.cell_width() + 2 * reach();
  if (lanes == 1) pitch_ = whole_blocks(pitch_);
  for (Index y = 0; y < plan.cell_height(); ++y) {
    for (Index x = 0; x < plan.cell_width(); ++x) {
      const Index site = plan.site_at(x, y);
      sites_.push_back(std::uint32_t(site < 0 ? plan.sites() : site));
    }
  }
}

template <class Real>
void Spread<Real>::set_gain(std::span<const double> gain) {
  require(gain.empty() || Index(gain.size()) == plan_.width() * plan_.height(),
          "a gain for every pixel of the plane");
  gain_.assign(gain.begin(), gain.end());
}

template <class Real>
template <class Body>
void Spread<Real>::for_each_stretch(Index y, const Body& body) const {
  const Index width = plan_.cell_width();
  const std::uint32_t* line = sites_.data() + y * width;
  for (Index x = 0; x < width;) {
    const Index first = x;
    while (x < width && line[x] == line[first]) ++x;
    body(Index(line[first]), first, x - first);
  }
}

template <class Real>
const Real* Spread<Real>::gain_of_line(Index cell, Index y) const {
  if (gain_.empty()) return nullptr;
  const Index line = cell / plan_.grid_cols * plan_.cell_height() + y;
  return gain_.data() + line * plan_.width() + cell % plan_.grid_cols * plan_.cell_width();
}

template <class Real>
template <Index lanes>
void Spread<Real>::forward_in(Index cell, const Real* passed, Real* lit) const {
  const Index height = plan_.cell_height(), border = 2 * reach(), length = pitch_ * lanes;
  const std::span<const Real> taps(taps_);
  Real* line = memory_of_thread<Real, 0>(length + border * lanes);  // with what is dark beside the cell
  Real* along = memory_of_thread<Real, 1>(height * length);
  std::fill_n(line, length + border * lanes, Real(0));
  for (Index y = 0; y < height; ++y) {
    const Real* gain = gain_of_line(cell, y);
    for_each_stretch(y, [&](Index site, Index first, Index count) {
      const Real* s = passed + site * lanes;
      Real* to = line + (border + first) * lanes;
      for (Index x = 0; x < count; ++x, to += lanes) {
        const Real factor = gain != nullptr ? gain[first + x] : Real(1);
#pragma omp simd
        for (Index lane = 0; lane < lanes; ++lane) to[lane] = factor * s[lane];
      }
    });
    convolve<Real>(taps, line, lanes, length, along + y * length);
  }
  for (Index y = 0; y < height + border; ++y) {  // taps that meet lines of the cell
    const Index first = std::max<Index>(0, border - y), end = std::min(border, height - 1 + border - y) + 1;
    convolve<Real>(taps.subspan(std::size_t(first), std::size_t(end - first)),
                   along + (y - border + first) * length, length, length, lit + y * length);
  }
}

template <class Real>
template <Index lanes>
void Spread<Real>::backward_in(Index cell, const Real* lit, Real* passed) const {
  const Index height = plan_.cell_height(), border = 2 * reach(), length = pitch_ * lanes;
  const std::span<const Real> taps(taps_);
  Real* across = memory_of_thread<Real, 0>(length + border * lanes);
  Real* line = memory_of_thread<Real, 1>(length);
  std::fill_n(across + length, border * lanes, Real(0));  // read for pixels beside the cell
  std::fill_n(passed, (plan_.sites() + 1) * lanes, Real(0));
  for (Index y = 0; y < height; ++y) {
    convolve<Real>(taps, lit + y * length, length, length, across);
    convolve<Real>(taps, across, lanes, length, line);
    const Real* gain = gain_of_line(cell, y);
    for_each_stretch(y, [&](Index site, Index first, Index count) {
      PictureSums<Real, lanes> sum(passed + site * lanes);
      const Real* from = line + first * lanes;
      for (Index x = 0; x < count; ++x, from += lanes)
        sum.add(gain != nullptr ? gain[first + x] : Real(1), from);
      sum.store(passed + site * lanes);
    });
  }
}

template <class Real>
void Spread<Real>::forward(Index cell, const Real* passed, Real* lit) const {
  lanes_ == 1 ? forward_in<1>(cell, passed, lit) : forward_in<lane_block>(cell, passed, lit);
}
template <class Real>
void Spread<Real>::backward(Index cell, const Real* lit, Real* passed) const {
  lanes_ == 1 ? backward_in<1>(cell, lit, passed) : backward_in<lane_block>(cell, lit, passed);
}

template class Spread<float>;
template class Spread<double>;

}  // namespace pnn::platforms::freespace
