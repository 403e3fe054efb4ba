// Two sums in one loop, each in the order of reduce.hpp: their additions, each of which waits for the one
// before it in its lane, overlap.
#pragma once

#include <array>

#include "pnn/core/matrix.hpp"

namespace pnn {

/// {first(0) + … + first(count − 1), second(0) + … + second(count − 1)}, where term(k) returns the pair of
/// both.
template <class Scalar, class Terms>
inline std::array<Scalar, 2> two_sums(Index count, const Terms& terms) {
  constexpr Index lanes = 16;
  Scalar a[lanes] = {}, b[lanes] = {};
  if (count < lanes) {
    for (Index k = 0; k < count; ++k) {
      const auto [first, second] = terms(k);
      a[0] += first, b[0] += second;
    }
    return {a[0], b[0]};
  }
  const Index whole = count - count % lanes;
  for (Index k = 0; k < whole; k += lanes) {
    for (Index lane = 0; lane < lanes; ++lane) {
      const auto [first, second] = terms(k + lane);
      a[lane] += first, b[lane] += second;
    }
  }
  for (Index k = whole; k < count; ++k) {
    const auto [first, second] = terms(k);
    a[k - whole] += first, b[k - whole] += second;
  }
  for (Index half = lanes / 2; half > 0; half /= 2) {
    for (Index lane = 0; lane < half; ++lane) {
      a[lane] += a[lane + half];
      b[lane] += b[lane + half];
    }
  }
  return {a[0], b[0]};
}

}  // namespace pnn
