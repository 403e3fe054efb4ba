// The largest eigenvalues of a Hessian that is given by its products with vectors.
#pragma once

#include <functional>
#include <span>

#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"

namespace pnn::study {

/// Computes out = H v; both have as many components as the space.
using HessianProduct = std::function<void(std::span<const double> v, std::span<double> out)>;

/// The largest eigenvalues.
struct TopEigenvalues {
  Vector<double> values;   ///< [count], falling
  Matrix<double> vectors;  ///< [count, size], of unit length
  std::uint64_t products = 0;
};

/// The `count` algebraically largest eigenvalues, 0 < count < size, by the implicitly restarted Lanczos
/// method (Spectra), each to the relative accuracy `tolerance`. The start vector is fixed. Throws RunError if
/// a product is not finite or the restarts do not converge.
TopEigenvalues top_eigenvalues(const HessianProduct& product, Index size, int count, double tolerance = 1e-6);

/// Fills `signs` with random signs ±1, for one probe of the trace or as the start of a direction.
void fill_signs(const Stream& stream, std::span<double> signs);

}  // namespace pnn::study
