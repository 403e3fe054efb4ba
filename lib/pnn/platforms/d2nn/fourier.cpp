#include "pnn/platforms/d2nn/fourier.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "pnn/core/errors.hpp"

namespace pnn::platforms::d2nn {

namespace {

template <class Real>
struct ComplexPack {
  using P = Pack<Real>;
  P re, im;

  static ComplexPack load(const Real* r, const Real* i, Index at) {
    return {P::load(r + at), P::load(i + at)};
  }
  void store(Real* r, Real* i, Index at) const {
    re.store(r + at);
    im.store(i + at);
  }
  friend ComplexPack operator+(const ComplexPack& a, const ComplexPack& b) {
    return {a.re + b.re, a.im + b.im};
  }
  friend ComplexPack operator-(const ComplexPack& a, const ComplexPack& b) {
    return {a.re - b.re, a.im - b.im};
  }
  [[nodiscard]] ComplexPack times_minus_i() const { return {im, -re}; }
  [[nodiscard]] ComplexPack times(Real c, Real s) const {
    const P pc(c), ps(s);
    return {re * pc - im * ps, re * ps + im * pc};
  }
};

}  // namespace

template <class Real>
Fourier<Real>::Fourier(Index length) : length_(length) {
  if (length < 2 || length > (Index(1) << 24) || !std::has_single_bit(std::size_t(length))) {
    throw UsageError("Fourier transform: expected a length that is a power of two from 2 to 2^24, found " +
                     std::to_string(length));
  }
  cosine_.reserve(std::size_t(length));
  sine_.reserve(std::size_t(length));
  for (Index k = 0; k < length; ++k) {
    const double angle = 2 * std::numbers::pi * double(k) / double(length);
    cosine_.push_back(Real(std::cos(angle)));
    sine_.push_back(Real(-std::sin(angle)));
  }
}

// A step turns signals of n points, `stride` of them interleaved, into n/4 of them: the transform of what is
// left interleaves 4 · stride.
template <class Real>
void Fourier<Real>::transform(Real* re, Real* im, Real* scratch_re, Real* scratch_im) const {
  using C = ComplexPack<Real>;
  constexpr int size = C::P::size;
  Real *from_re = re, *from_im = im, *to_re = scratch_re, *to_im = scratch_im;
  Index stride = 1;
  for (Index n = length_; n > 1;) {
    const Index radix = n >= 4 ? 4 : 2, part = n / radix, apart = part * stride * lane_block;
    for (Index p = 0; p < part; ++p) {
      const auto turn = std::size_t(p * stride);
      for (Index q = 0; q < stride; ++q) {
        const Index source = (q + stride * p) * lane_block, target = (q + stride * radix * p) * lane_block;
        const Index step = stride * lane_block;
        for (Index lane = 0; lane < lane_block; lane += size) {
          const C a = C::load(from_re, from_im, source + lane);
          const C b = C::load(from_re, from_im, source + apart + lane);
          if (radix == 2) {
            (a + b).store(to_re, to_im, target + lane);
            (a - b).store(to_re, to_im, target + step + lane);
            continue;
          }
          const C c = C::load(from_re, from_im, source + 2 * apart + lane);
          const C d = C::load(from_re, from_im, source + 3 * apart + lane);
          const C even = a + c, odd = b + d, difference = a - c, turned = (b - d).times_minus_i();
          (even + odd).store(to_re, to_im, target + lane);
          (difference + turned).times(cosine_[turn], sine_[turn]).store(to_re, to_im, target + step + lane);
          (even - odd)
              .times(cosine_[2 * turn], sine_[2 * turn])
              .store(to_re, to_im, target + 2 * step + lane);
          (difference - turned)
              .times(cosine_[3 * turn], sine_[3 * turn])
              .store(to_re, to_im, target + 3 * step + lane);
        }
      }
    }
    std::swap(from_re, to_re);
    std::swap(from_im, to_im);
    n = part;
    stride *= radix;
  }
  if (from_re == re) return;
  const Index values = length_ * lane_block;
  std::copy(from_re, from_re + values, re);
  std::copy(from_im, from_im + values, im);
}

template <class Real>
void Fourier<Real>::forward(Real* tile, Real* scratch) const {
  const Index half = length_ * lane_block;
  transform(tile, tile + half, scratch, scratch + half);
}

// With real and imaginary parts exchanged at both ends, the same sums turn the other way.
template <class Real>
void Fourier<Real>::backward(Real* tile, Real* scratch) const {
  const Index half = length_ * lane_block;
  transform(tile + half, tile, scratch + half, scratch);
}

template class Fourier<float>;
template class Fourier<double>;

}  // namespace pnn::platforms::d2nn
