// Elementary functions as polynomials: the same bits on every system, and simple enough for the compiler to
// vectorise. Each is a truncated power series; over the stated range the first omitted term is below half a
// unit in the last place of the argument's type. T is float, double, or a Pack of them (simd.hpp).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "pnn/core/simd.hpp"

namespace pnn {

namespace detail {

/// (−1)^(k/2) π^k / k!, the k-th coefficient of sin(πx) and cos(πx).
constexpr double turn_coefficient(int k) {
  double c = 1;
  for (int n = 1; n <= k; ++n) c *= 3.14159265358979323846 / n;
  return (k / 2) % 2 ? -c : c;
}

/// c_last y^n + … by Horner's rule, where coefficient k of the series is turn_coefficient(k) for k = First,
/// First + 2, …, Last.
template <int First, int Last, class T>
inline T horner_turns(const T& y) {
  using Real = real_of_t<T>;
  if constexpr (First == Last) {
    return T(Real(turn_coefficient(First)));
  } else {
    return fma(horner_turns<First + 2, Last>(y), y, T(Real(turn_coefficient(First))));
  }
}

}  // namespace detail

/// sin(πx) for |x| ≤ 1/2. Absolute error below 1.5e-7 (float), 5e-16 (double).
template <class T>
inline T sin_pi(const T& x) {
  constexpr int last = sizeof(real_of_t<T>) == 4 ? 13 : 23;
  return x * detail::horner_turns<1, last>(T(x * x));
}

/// cos(πx) for |x| ≤ 1/2. Absolute error as sin_pi.
template <class T>
inline T cos_pi(const T& x) {
  constexpr int last = sizeof(real_of_t<T>) == 4 ? 14 : 22;
  return detail::horner_turns<0, last>(T(x * x));
}

/// Natural logarithm of a positive, normal, finite number: exponent · ln 2 + 2 artanh((m − 1)/(m + 1)) with
/// the mantissa m in [√½, √2). Relative error of a few units in the last place.
inline float log_positive(float x) {
  constexpr std::int32_t sqrt_half = 0x3f3504f3;
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - sqrt_half) >> 23;
  const float m = std::bit_cast<float>(bits - exponent * (1 << 23));
  const float s = (m - 1) / (m + 1), y = s * s;
  const float series = fma(fma(fma(fma(1.0F / 9, y, 1.0F / 7), y, 1.0F / 5), y, 1.0F / 3), y, 1.0F);
  return fma(float(exponent), 0.693147180559945309F, 2 * s * series);
}
inline double log_positive(double x) {
  constexpr std::int64_t sqrt_half = 0x3fe6a09e667f3bcd;
  const auto bits = std::bit_cast<std::int64_t>(x);
  const std::int64_t exponent = (bits - sqrt_half) >> 52;
  const double m = std::bit_cast<double>(bits - exponent * (std::int64_t(1) << 52));
  const double s = (m - 1) / (m + 1), y = s * s;
  double series = 1.0 / 21;
  for (int k = 19; k >= 1; k -= 2) series = fma(series, y, 1.0 / k);
  return fma(double(exponent), 0.693147180559945309, 2 * s * series);
}

}  // namespace pnn
