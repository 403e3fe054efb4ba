// Whether numbers are numbers: not NaN, not infinite, not beyond a bound.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>

namespace pnn {

/// Whether every value is finite, and not larger than `most` in magnitude. One pass without a branch:
/// checking what a step of a training has changed takes a few percent of the step.
template <class Real>
bool all_finite(std::span<const Real> values, Real most = std::numeric_limits<Real>::max()) {
  int wrong = 0;
  const Real* v = values.data();
  const std::size_t n = values.size();
#pragma omp simd reduction(| : wrong)
  for (std::size_t k = 0; k < n; ++k) wrong |= int(!(std::abs(v[k]) <= most));  // a NaN compares false
  return wrong == 0;
}

/// Index of the first value that all_finite minds, if there is one.
template <class Real>
std::optional<std::size_t> first_not_finite(std::span<const Real> values,
                                            Real most = std::numeric_limits<Real>::max()) {
  if (all_finite(values, most)) return std::nullopt;
  for (std::size_t k = 0; k < values.size(); ++k)
    if (!(std::abs(values[k]) <= most)) return k;
  return std::nullopt;
}

}  // namespace pnn
