// Products of matrices whose every element is one sum in the order of its terms, each term added with a
// single rounding: out_rc = (…((a_r0 b_0c) + a_r1 b_1c) + …). So a result has the same bits on every
// processor, at every address, in every cut of rows and columns, and beside any other samples of a batch.
// Eigen blocks its sums by sizes, vector lengths and caches. Tests: tests/core/product.cpp.
#pragma once

#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/matrix.hpp"

namespace pnn {

/// A matrix in somebody else's memory: element (r, c) lies at data[r · row_step + c · col_step].
template <class Real>
struct Strided {
  const Real* data;
  Index rows, cols, row_step, col_step;
};

/// The memory of an Eigen matrix, map, block or transpose.
template <class Derived>
Strided<typename Derived::Scalar> strided(const Eigen::MatrixBase<Derived>& m) {
  const Derived& x = m.derived();
  const bool by_rows = Derived::IsRowMajor;
  const Index inner = x.innerStride(), outer = x.outerStride();
  return {x.data(), x.rows(), x.cols(), by_rows ? outer : inner, by_rows ? inner : outer};
}

/// A right factor [rows, cols], copied into the order in which products read it: for factors that meet many
/// left ones. Several threads may use it at once.
template <class Real>
class Panels {
 public:
  Panels() = default;
  explicit Panels(Strided<Real> factor) { arrange(factor); }
  /// Takes another factor, in the same memory if it has the same size.
  void arrange(Strided<Real> factor);
  [[nodiscard]] Index rows() const { return rows_; }
  [[nodiscard]] Index cols() const { return cols_; }
  [[nodiscard]] const Real* data() const { return data_.data(); }

 private:
  Index rows_ = 0, cols_ = 0;
  std::vector<Real> data_;  ///< [columns in panels, row, column of the panel], padded with zeros
};

enum class Into : std::uint8_t {
  assign,  ///< out = a b
  add      ///< out + a b, whose sums begin with what `out` holds
};

/// out [a.rows, b.cols] from a [rows, k] and b [k, cols]; rows of `out` are `out_step` apart. `out` overlaps
/// neither factor. Real is float or double.
template <class Real>
void multiply(Strided<Real> a, Strided<Real> b, Real* out, Index out_step, Into into);
template <class Real>
void multiply(Strided<Real> a, const Panels<Real>& b, Real* out, Index out_step, Into into);

/// The same into a row-major Eigen matrix, map or block.
template <class A, class Right, class Out>
void multiply(const Eigen::MatrixBase<A>& a, const Right& b, Out&& out, Into into = Into::assign) {
  using Real = typename A::Scalar;
  static_assert(std::remove_cvref_t<Out>::IsRowMajor, "rows of the result are written");
  require(a.cols() == b.rows() && out.rows() == a.rows() && out.cols() == b.cols() && out.innerStride() == 1,
          "factors and their product fit");
  if constexpr (std::is_same_v<Right, Panels<Real>>) {
    multiply<Real>(strided(a), b, out.data(), out.outerStride(), into);
  } else {
    multiply<Real>(strided(a), strided(b), out.data(), out.outerStride(), into);
  }
}

/// outputs [n, out] = signals [n, in] · weightsᵀ, for weights [out, in], on several threads.
template <class Real>
void multiply_signals(std::type_identity_t<ConstMatrixView<Real>> weights,
                      std::type_identity_t<ConstMatrixView<Real>> signals, MatrixView<Real> outputs);

}  // namespace pnn
