// e^{ix} of a phase, and phases wrapped into one turn. T is float, double, or a Pack of them
// (simd.hpp); built on polynomials.hpp, so the bits are the same on every system.
#pragma once

#include <cmath>
#include <numbers>

#include "pnn/core/polynomials.hpp"

namespace pnn {

template <class T>
struct Phasor {
  T re, im;
};

/// e^{2πi t} for |t| ≤ 1/2 turn. Error of either part below 5e-7 (float), 2e-15 (double).
template <class T>
inline Phasor<T> phasor_of_turn(const T& t) {
  using Real = real_of_t<T>;
  const T s = sin_pi(t), c = cos_pi(t);  // of the half angle, which is what the polynomials reach
  const T twice = s + s;
  return {fma(T(-twice), s, T(Real(1))), twice * c};
}

/// e^{ix} of a phase x in rad, |x| below 2^21 turns. The error is that of phasor_of_turn plus the rounding of
/// x to turns.
template <class T>
inline Phasor<T> phasor(const T& x) {
  using Real = real_of_t<T>;
  return phasor_of_turn(wrap_to_half(T(x * T(Real(0.5 * std::numbers::inv_pi)))));
}

/// x plus whole turns, in [0, 2π). Infinite and NaN phases give NaN.
template <class Real>
inline Real wrap_phase(Real x) {
  constexpr Real turn = Real(2 * std::numbers::pi);
  const Real wrapped = x - turn * std::floor(x / turn);
  // A tiny negative phase rounds up to a whole turn, and the division may err by a unit at either end.
  return wrapped >= turn || wrapped < 0 ? Real(0) : wrapped;
}

}  // namespace pnn
