// The Hessian of a loss, known by its products with vectors alone: its largest eigenvalues and its trace.
#pragma once

#include <functional>
#include <span>

#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"

namespace pnn::study {

/// out = H v, both of the size of the space.
using HessianProduct = std::function<void(std::span<const double> v, std::span<double> out)>;

struct TopEigenvalues {
  Vector<double> values;   ///< [count], falling
  Matrix<double> vectors;  ///< [count, size], of unit length
  std::uint64_t products = 0;
};

/// The algebraically largest eigenvalues by the implicitly restarted Lanczos method (Spectra), each to
/// `tolerance` relative to its size. 0 < count < size. The start vector is fixed. Throws RunError where the
/// products are not finite or the restarts do not converge.
TopEigenvalues top_eigenvalues(const HessianProduct& product, Index size, int count, double tolerance = 1e-6);

/// Signs ±1 of one probe of the trace, or the start of a direction: [size].
void fill_signs(const Stream& stream, std::span<double> signs);

}  // namespace pnn::study
