// Fused multiply-add of packs: c ± a·b, rounded once in each lane, by one instruction where the processor has
// it.
//
// The fma of simd.hpp gives the same numbers, but in long loops the compiler splits its loop over the lanes
// into scalar operations, which takes twice the time.
#pragma once

#include "pnn/core/simd.hpp"

#if defined(__AVX512DQ__) || defined(__FMA__)
#include <immintrin.h>
#endif

namespace pnn {

/// c + a·b, rounded once in each lane.
template <class Real>
inline Pack<Real> add_product(const Pack<Real>& c, const Pack<Real>& a, const Pack<Real>& b) {
#if defined(__AVX512DQ__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm512_fmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm512_fmadd_pd(a.lanes, b.lanes, c.lanes));
#elif defined(__FMA__)
  if constexpr (sizeof(Real) == 4) return Pack<Real>(_mm256_fmadd_ps(a.lanes, b.lanes, c.lanes));
  if constexpr (sizeof(Real) == 8) return Pack<Real>(_mm256_fmadd_pd(a.lanes, b.lanes, c.lanes));
#else
  return fma(a, b, c);
#endif
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

}  // namespace pnn
