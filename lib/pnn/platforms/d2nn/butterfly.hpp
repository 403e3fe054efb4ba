// Discrete Fourier transforms of two to eight points in vector registers, the steps of fourier.hpp.
//
//   x_k ← Σ_j x_j exp(−2πi jk/R)
//
// Products and sums are fused (one rounding), in every lane and on every processor alike. Formulas of odd R
// halve the products by the symmetry of cosine and sine (C. Van Loan, Computational Frameworks for the Fast
// Fourier Transform, SIAM 1992, section 2.1). Tested by tests/platforms/d2nn/fourier.cpp.
#pragma once

#include <array>
#include <numbers>

#include "pnn/core/matrix.hpp"
#include "pnn/core/simd.hpp"

namespace pnn::platforms::d2nn {

/// A complex number in every lane.
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
  [[nodiscard]] ComplexPack times(const P& c, const P& s) const {
    return {take_product(re * c, im, s), add_product(re * s, im, c)};
  }
  /// this · h and this · conj(h).
  [[nodiscard]] ComplexPack by(const P& h_re, const P& h_im) const {
    return {take_product(re * h_re, im, h_im), add_product(im * h_re, re, h_im)};
  }
  [[nodiscard]] ComplexPack by_conjugate(const P& h_re, const P& h_im) const {
    return {add_product(re * h_re, im, h_im), take_product(im * h_re, re, h_im)};
  }
  /// this + c · z and this − c · z of a real number c.
  [[nodiscard]] ComplexPack plus(const P& c, const ComplexPack& z) const {
    return {add_product(re, c, z.re), add_product(im, c, z.im)};
  }
  [[nodiscard]] ComplexPack minus(const P& c, const ComplexPack& z) const {
    return {take_product(re, c, z.re), take_product(im, c, z.im)};
  }
};

namespace detail {

/// cos(2πk/R) and sin(2πk/R) of an odd R for k = 1 … (R − 1)/2, behind those of k = 0.
template <int R>
struct Turns;
template <>
struct Turns<3> {
  static constexpr std::array<double, 2> cosine{1, -0.5}, sine{0, 0.86602540378443864676};
};
template <>
struct Turns<5> {
  static constexpr std::array<double, 3> cosine{1, 0.30901699437494742410, -0.80901699437494742410},
      sine{0, 0.95105651629515357212, 0.58778525229247312917};
};
template <>
struct Turns<7> {
  static constexpr std::array<double, 4> cosine{1, 0.62348980185873353053, -0.22252093395631440429,
                                                -0.90096886790241912624},
      sine{0, 0.78183148246802980871, 0.97492791218182360702, 0.43388373911755812048};
};

template <int R, class Real>
[[gnu::always_inline]] inline void odd_butterfly(ComplexPack<Real>* x) {
  using C = ComplexPack<Real>;
  using P = Pack<Real>;
  constexpr int half = R / 2;
  C sum[half], difference[half];
#pragma GCC unroll 4
  for (int j = 0; j < half; ++j) {
    sum[j] = x[j + 1] + x[R - 1 - j];
    difference[j] = x[j + 1] - x[R - 1 - j];
  }
  const C first = x[0];
#pragma GCC unroll 4
  for (int j = 0; j < half; ++j) x[0] = x[0] + sum[j];
#pragma GCC unroll 4
  for (int k = 1; k <= half; ++k) {
    C even = first.plus(Real(Turns<R>::cosine[std::size_t(k)]), sum[0]);
    const P sine = Real(Turns<R>::sine[std::size_t(k)]);
    C odd{sine * difference[0].re, sine * difference[0].im};
#pragma GCC unroll 4
    for (int j = 2; j <= half; ++j) {
      const int turn = j * k % R;
      const auto at = std::size_t(turn <= half ? turn : R - turn);
      const P c = Real(Turns<R>::cosine[at]), s = Real(Turns<R>::sine[at]);
      even = even.plus(c, sum[j - 1]);
      odd = turn <= half ? odd.plus(s, difference[j - 1]) : odd.minus(s, difference[j - 1]);
    }
    x[k] = even + odd.times_minus_i();
    x[R - k] = even - odd.times_minus_i();
  }
}

}  // namespace detail

/// The transform of R = 1, 2, 3, 4, 5, 7 or 8 points, in place.
template <int R, class Real>
[[gnu::always_inline]] inline void butterfly(ComplexPack<Real>* x) {
  using C = ComplexPack<Real>;
  if constexpr (R == 2) {
    const C a = x[0];
    x[0] = a + x[1];
    x[1] = a - x[1];
  } else if constexpr (R == 4) {
    const C sum = x[0] + x[2], difference = x[0] - x[2], odd = x[1] + x[3],
            turned = (x[1] - x[3]).times_minus_i();
    x[0] = sum + odd;
    x[1] = difference + turned;
    x[2] = sum - odd;
    x[3] = difference - turned;
  } else if constexpr (R == 8) {
    C even[4] = {x[0], x[2], x[4], x[6]}, odd[4] = {x[1], x[3], x[5], x[7]};
    butterfly<4>(even);
    butterfly<4>(odd);
    const Pack<Real> root(Real(std::numbers::sqrt2 / 2));
    const C eighth{odd[1].re + odd[1].im, odd[1].im - odd[1].re},  // times √2 exp(−2πi/8)
        three{odd[3].im - odd[3].re, -(odd[3].re + odd[3].im)};    // times √2 exp(−6πi/8)
    x[0] = even[0] + odd[0];
    x[1] = even[1].plus(root, eighth);
    x[2] = even[2] + odd[2].times_minus_i();
    x[3] = even[3].plus(root, three);
    x[4] = even[0] - odd[0];
    x[5] = even[1].minus(root, eighth);
    x[6] = even[2] - odd[2].times_minus_i();
    x[7] = even[3].minus(root, three);
  } else if constexpr (R != 1) {
    detail::odd_butterfly<R>(x);
  }
}

}  // namespace pnn::platforms::d2nn
