// Checks that numbers are finite: neither NaN nor infinite, and no larger than a bound.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>

namespace pnn {

/// Whether every value is finite and at most `most` in magnitude (true for no values). One pass without a
/// branch, which costs a few percent of a training step.
template <class Real>
bool all_finite(std::span<const Real> values, Real most = std::numeric_limits<Real>::max()) {
  int wrong = 0;
  const Real* v = values.data();
  const std::size_t n = values.size();
#pragma omp simd reduction(| : wrong)
  for (std::size_t k = 0; k < n; ++k) wrong |= int(!(std::abs(v[k]) <= most));  // a NaN compares false
  return wrong == 0;
}

/// Index of the first value that is not finite or exceeds `most` in magnitude; empty if there is none.
template <class Real>
std::optional<std::size_t> first_not_finite(std::span<const Real> values,
                                            Real most = std::numeric_limits<Real>::max()) {
  if (all_finite(values, most)) return std::nullopt;
  for (std::size_t k = 0; k < values.size(); ++k)
    if (!(std::abs(values[k]) <= most)) return k;
  return std::nullopt;
}

}  // namespace pnn
