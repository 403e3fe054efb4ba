// The product of a batch (one sample a row) with a matrix, in which the result of a sample does not depend on
// the other samples of the batch, to the last bit. Eigen multiplies four rows at a time and the remaining
// rows by other code, which rounds differently; here the remaining rows are padded to four. Tests:
// tests/core/reproducible.cpp.
#pragma once

#include <type_traits>

#include "pnn/core/chunks.hpp"
#include "pnn/core/matrix.hpp"

namespace pnn {

/// out [n, columns] = x [n, k] · w [k, columns]. `w` is any Eigen expression; `out` must not overlap `x` or
/// `w`.
template <class Real, class W>
void multiply_rows(std::type_identity_t<ConstMatrixView<Real>> x, const Eigen::MatrixBase<W>& w,
                   MatrixView<Real> out) {
  constexpr Index group = 4;
  const Index rest = x.rows() % group, whole = x.rows() - rest;
  if (whole > 0) rows_of(out, {0, whole}).noalias() = rows_of(x, {0, whole}) * w;
  if (rest == 0) return;
  Matrix<Real> last = Matrix<Real>::Zero(group, x.cols()), given(group, out.cols());
  last.topRows(rest) = rows_of(x, {whole, rest});
  given.noalias() = last * w;
  rows_of(out, {whole, rest}) = given.topRows(rest);
}

}  // namespace pnn
