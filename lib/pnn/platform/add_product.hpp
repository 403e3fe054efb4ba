// c + a·b of packs, rounded once in each lane, as one instruction where the processor has it. In long loops
// the compiler takes the loop over lanes of simd.hpp's fma apart into scalars, which costs twice as much.
#pragma once

#include "pnn/core/simd.hpp"

#if defined(__AVX512F__) || defined(__FMA__)
#include <immintrin.h>
#endif

namespace pnn::platform {

/// c + a·b.
template <class Real>
inline Pack<Real> add_product(const Pack<Real>& c, const Pack<Real>& a, const Pack<Real>& b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm512_fmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm512_fmadd_pd(a.lanes, b.lanes, c.lanes));
#elif defined(__FMA__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm256_fmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm256_fmadd_pd(a.lanes, b.lanes, c.lanes));
#else
  return fma(a, b, c);
#endif
}

/// c − a·b.
template <class Real>
inline Pack<Real> take_product(const Pack<Real>& c, const Pack<Real>& a, const Pack<Real>& b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm512_fnmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm512_fnmadd_pd(a.lanes, b.lanes, c.lanes));
#elif defined(__FMA__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm256_fnmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm256_fnmadd_pd(a.lanes, b.lanes, c.lanes));
#else
  return fma(-a, b, c);
#endif
}

}  // namespace pnn::platform
