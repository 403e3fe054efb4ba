// A pack of floats or doubles that fills one vector register. A kernel is written once as arithmetic on packs
// and compiles to the processor's widest vectors. Every operation acts on each lane separately, so that
// results do not depend on the width.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#if defined(__AVX512DQ__) || defined(__FMA__)
#include <immintrin.h>
#endif

namespace pnn {

#if defined(__AVX512DQ__)  // the build undefines __AVX512F__, by which Eigen would go
inline constexpr int vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32;
#else
inline constexpr int vector_bytes = 16;
#endif

/// Arrays are padded to a multiple of this many elements, which is a whole number of packs of either type on
/// every processor, so that the layout of memory (and of addressed random numbers) is the same everywhere.
inline constexpr std::ptrdiff_t lane_block = 16;

namespace detail {
template <class Real>
struct VectorRegister;
template <>
struct VectorRegister<float> {
  typedef float type __attribute__((vector_size(vector_bytes)));
};
template <>
struct VectorRegister<double> {
  typedef double type __attribute__((vector_size(vector_bytes)));
};
}  // namespace detail

template <class Real>
struct Pack {
  static constexpr int size = vector_bytes / int(sizeof(Real));
  using Lanes = typename detail::VectorRegister<Real>::type;
  Lanes lanes;

  Pack() = default;
  /// A number means that number in every lane. (Of a loop over the lanes compilers make a copy by memory.)
  Pack(Real x) : lanes(x - Lanes{}) {}  // NOLINT(google-explicit-constructor)
  explicit Pack(Lanes x) : lanes(x) {}

  static Pack load(const Real* p) {
    Pack x;
    std::memcpy(&x.lanes, p, sizeof(Lanes));
    return x;
  }
  void store(Real* p) const { std::memcpy(p, &lanes, sizeof(Lanes)); }
  /// Loads the n < size values at p; the other lanes are `rest`.
  static Pack load_part(const Real* p, std::ptrdiff_t n, Real rest) {
    Real all[size];  // indexing the register itself would keep it in memory wherever it is used
    for (int k = 0; k < size; ++k) all[k] = k < n ? p[k] : rest;
    return load(all);
  }
  void store_part(Real* p, std::ptrdiff_t n) const {
    Real all[size];
    store(all);
    for (std::ptrdiff_t k = 0; k < n; ++k) p[k] = all[k];
  }

  friend Pack operator+(const Pack& a, const Pack& b) { return Pack(a.lanes + b.lanes); }
  friend Pack operator-(const Pack& a, const Pack& b) { return Pack(a.lanes - b.lanes); }
  friend Pack operator*(const Pack& a, const Pack& b) { return Pack(a.lanes * b.lanes); }
  friend Pack operator/(const Pack& a, const Pack& b) { return Pack(a.lanes / b.lanes); }
  friend Pack operator-(const Pack& a) { return Pack(-a.lanes); }
};

namespace detail {
template <auto Source, class Real, std::size_t... Lane>
inline Pack<Real> shuffle(const Pack<Real>& a, const Pack<Real>& b, std::index_sequence<Lane...>) {
  return Pack<Real>(__builtin_shufflevector(a.lanes, b.lanes, Source(int(Lane))...));
}
}  // namespace detail

/// Lane k of the result is lane Source(k) of the concatenation of a and b; Source is a constexpr function of
/// int.
template <auto Source, class Real>
inline Pack<Real> shuffle(const Pack<Real>& a, const Pack<Real>& b) {
  return detail::shuffle<Source>(a, b, std::make_index_sequence<std::size_t(Pack<Real>::size)>());
}

/// a·b + c with a single rounding.
inline float fma(float a, float b, float c) {
  return std::fma(a, b, c);
}
inline double fma(double a, double b, double c) {
  return std::fma(a, b, c);
}
/// a·b + c, rounded once in each lane: by one instruction where the processor has it. A loop over the lanes
/// gives the same numbers, but where it stands in a long loop compilers make single operations of it.
template <class Real>
inline Pack<Real> fma(const Pack<Real>& a, const Pack<Real>& b, const Pack<Real>& c) {
#if defined(__AVX512DQ__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm512_fmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm512_fmadd_pd(a.lanes, b.lanes, c.lanes));
#elif defined(__FMA__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm256_fmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm256_fmadd_pd(a.lanes, b.lanes, c.lanes));
#else
  Pack<Real> r;
  for (int k = 0; k < Pack<Real>::size; ++k) r.lanes[k] = std::fma(a.lanes[k], b.lanes[k], c.lanes[k]);
  return r;
#endif
}

/// c + a·b, rounded once in each lane.
template <class Real>
inline Pack<Real> add_product(const Pack<Real>& c, const Pack<Real>& a, const Pack<Real>& b) {
  return fma(a, b, c);
}
/// c − a·b, rounded once in each lane.
template <class Real>
inline Pack<Real> take_product(const Pack<Real>& c, const Pack<Real>& a, const Pack<Real>& b) {
#if defined(__AVX512DQ__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm512_fnmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm512_fnmadd_pd(a.lanes, b.lanes, c.lanes));
#elif defined(__FMA__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm256_fnmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm256_fnmadd_pd(a.lanes, b.lanes, c.lanes));
#else
  return fma(-a, b, c);
#endif
}

template <class T>
struct real_of {
  using type = T;
};
template <class Real>
struct real_of<Pack<Real>> {
  using type = Real;
};
/// float for float and Pack<float>, double for double and Pack<double>.
template <class T>
using real_of_t = typename real_of<T>::type;

/// x minus the nearest integer, for |x| below 2^21. Adding and subtracting 1.5 · 2^(mantissa bits) does the
/// rounding.
template <class T>
inline T wrap_to_half(const T& x) {
  using Real = real_of_t<T>;
  const T big(sizeof(Real) == 4 ? Real(12582912.0) : Real(6755399441055744.0));
  return x - ((x + big) - big);
}

}  // namespace pnn
