// Sums whose order depends on the number of their terms alone. Eigen starts a sum at the first address that
// is aligned for the processor's vectors (sums of rows or columns where their destination is aligned), so
// that the last bits of its results depend on where memory lies. Here term k is added to lane k mod 16, in
// order, and the lanes are added in pairs; fewer than 16 terms are added one after the other.
// `scripts/check-layers` refuses Eigen's own reductions elsewhere.
//
// Each function takes any Eigen expression: a map, a row, a block, or arithmetic on them. Terms are numbered
// in the order in which the expression is stored. The result has the expression's scalar type;
// `x.cast<double>()` sums in double. Tests: tests/core/reproducible.cpp.
#pragma once

#include <cmath>
#include <type_traits>

#include "pnn/core/matrix.hpp"

namespace pnn {

namespace detail {

/// term(0) + … + term(count − 1), in the order described above.
template <class Scalar, class Term>
Scalar sum_in_lanes(Index count, const Term& term) {
  constexpr Index lanes = 16;
  if (count < lanes) {
    Scalar total(0);
    for (Index k = 0; k < count; ++k) total += term(k);
    return total;
  }
  Scalar sums[lanes] = {};
  const Index whole = count - count % lanes;
  for (Index k = 0; k < whole; k += lanes) {
    for (Index lane = 0; lane < lanes; ++lane) sums[lane] += term(k + lane);
  }
  for (Index k = whole; k < count; ++k) sums[k - whole] += term(k);
  for (Index half = lanes / 2; half > 0; half /= 2) {
    for (Index lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
  }
  return sums[0];
}

}  // namespace detail

/// Σ x; 0 if there are no terms.
template <class Derived>
typename Derived::Scalar sum(const Eigen::DenseBase<Derived>& x) {
  using Scalar = typename Derived::Scalar;
  const Eigen::internal::evaluator<Derived> at(x.derived());
  if constexpr ((int(Eigen::internal::evaluator<Derived>::Flags) & Eigen::LinearAccessBit) != 0) {
    return detail::sum_in_lanes<Scalar>(x.size(), [&](Index k) { return at.coeff(k); });
  } else {
    const Index inner = x.innerSize();
    Scalar total(0);
    for (Index outer = 0; outer < x.outerSize(); ++outer) {
      total += detail::sum_in_lanes<Scalar>(
          inner, [&](Index k) { return Derived::IsRowMajor ? at.coeff(outer, k) : at.coeff(k, outer); });
    }
    return total;
  }
}

/// The mean of the coefficients of x (NaN if there are none).
template <class Derived>
typename Derived::Scalar mean(const Eigen::DenseBase<Derived>& x) {
  return sum(x) / typename Derived::RealScalar(x.size());
}

/// Σ |x|².
template <class Derived>
typename Derived::RealScalar squared_norm(const Eigen::MatrixBase<Derived>& x) {
  return sum(x.cwiseAbs2());
}

/// √(Σ |x|²).
template <class Derived>
typename Derived::RealScalar norm(const Eigen::MatrixBase<Derived>& x) {
  return std::sqrt(squared_norm(x));
}

/// Σ a b over real coefficients; a and b have the same shape.
template <class A, class B>
typename A::Scalar dot(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  static_assert(!Eigen::NumTraits<typename A::Scalar>::IsComplex, "of which would the conjugate be taken?");
  return sum(a.cwiseProduct(b));
}

/// Writes the sum of each column of a row-major matrix to `sums` [columns], adding four rows at a time.
template <class Real>
void column_sums(std::type_identity_t<ConstMatrixView<Real>> x, Real* sums) {
  const Index rows = x.rows(), cols = x.cols();
  for (Index c = 0; c < cols; ++c) sums[c] = 0;
  Index n = 0;
  for (; n + 4 <= rows; n += 4) {
    const Real* at = x.data() + n * cols;
    for (Index c = 0; c < cols; ++c)
      sums[c] += (at[c] + at[c + cols]) + (at[c + 2 * cols] + at[c + 3 * cols]);
  }
  for (; n < rows; ++n) {
    const Real* at = x.data() + n * cols;
    for (Index c = 0; c < cols; ++c) sums[c] += at[c];
  }
}

/// The sum of each row of a matrix expression: [rows].
template <class Derived>
Vector<typename Derived::Scalar> row_sums(const Eigen::DenseBase<Derived>& x) {
  Vector<typename Derived::Scalar> sums(x.rows());
  for (Index n = 0; n < x.rows(); ++n) sums[n] = sum(x.row(n));
  return sums;
}

}  // namespace pnn
