// Two packs that are computed side by side, for kernels in which every operation waits for the one before:
// the processor has something else to do in the meantime. What is written for a Pack (simd.hpp) works on a
// PackPair, with the same bits.
#pragma once

#include "pnn/core/simd.hpp"

namespace pnn {

template <class Real>
struct PackPair {
  static constexpr int size = 2 * Pack<Real>::size;
  Pack<Real> first, second;

  PackPair() = default;
  /// A number means that number in every lane.
  PackPair(Real x) : first(x), second(x) {}  // NOLINT(google-explicit-constructor)
  PackPair(const Pack<Real>& a, const Pack<Real>& b) : first(a), second(b) {}

  static PackPair load(const Real* p) { return {Pack<Real>::load(p), Pack<Real>::load(p + size / 2)}; }
  void store(Real* p) const {
    first.store(p);
    second.store(p + size / 2);
  }

  friend PackPair operator+(const PackPair& a, const PackPair& b) {
    return {a.first + b.first, a.second + b.second};
  }
  friend PackPair operator-(const PackPair& a, const PackPair& b) {
    return {a.first - b.first, a.second - b.second};
  }
  friend PackPair operator*(const PackPair& a, const PackPair& b) {
    return {a.first * b.first, a.second * b.second};
  }
  friend PackPair operator/(const PackPair& a, const PackPair& b) {
    return {a.first / b.first, a.second / b.second};
  }
};

template <class Real>
inline PackPair<Real> fma(const PackPair<Real>& a, const PackPair<Real>& b, const PackPair<Real>& c) {
  return {fma(a.first, b.first, c.first), fma(a.second, b.second, c.second)};
}
template <class Real>
inline PackPair<Real> take_product(const PackPair<Real>& c, const PackPair<Real>& a,
                                   const PackPair<Real>& b) {
  return {take_product(c.first, a.first, b.first), take_product(c.second, a.second, b.second)};
}

template <class Real>
struct real_of<PackPair<Real>> {
  using type = Real;
};

}  // namespace pnn
