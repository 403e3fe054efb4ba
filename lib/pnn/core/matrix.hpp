// The array types at every interface of the library: row-major, the first index varies slowest.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

namespace pnn {

using Index = Eigen::Index;

/// Row-major matrix. Batches are `float`; fits, sums of phases and statistics are `double`.
template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using Vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

/// Views of memory that somebody else owns. Do not pass an Eigen::Ref to a row-major matrix instead: it may
/// copy.
template <class Real>
using MatrixView = Eigen::Map<Matrix<Real>>;
template <class Real>
using ConstMatrixView = Eigen::Map<const Matrix<Real>>;
template <class Real>
using VectorView = Eigen::Map<Vector<Real>>;
template <class Real>
using ConstVectorView = Eigen::Map<const Vector<Real>>;

template <class Real>
MatrixView<Real> view(Matrix<Real>& m) {
  return MatrixView<Real>(m.data(), m.rows(), m.cols());
}
template <class Real>
ConstMatrixView<Real> view(const Matrix<Real>& m) {
  return ConstMatrixView<Real>(m.data(), m.rows(), m.cols());
}

/// A dense row-major array of any rank, as files hold them. `data.size()` is the product of `shape`.
template <class T>
struct Array {
  std::vector<std::size_t> shape;
  std::vector<T> data;

  Array() = default;
  explicit Array(std::vector<std::size_t> dims, T fill = T{}) : shape(std::move(dims)) {
    std::size_t n = 1;
    for (std::size_t d : shape) n *= d;
    data.assign(n, fill);
  }
  [[nodiscard]] std::size_t size() const { return data.size(); }
  [[nodiscard]] std::size_t dim(std::size_t axis) const { return axis < shape.size() ? shape[axis] : 0; }
  /// Number of elements in one slice along the first axis.
  [[nodiscard]] std::size_t stride() const {
    return shape.empty() || shape[0] == 0 ? 0 : data.size() / shape[0];
  }
  /// Slice number k (from 0) along the first axis.
  [[nodiscard]] std::span<const T> slice(std::size_t k) const {
    return std::span<const T>(data).subspan(k * stride(), stride());
  }
  [[nodiscard]] std::span<T> slice(std::size_t k) {
    return std::span<T>(data).subspan(k * stride(), stride());
  }
};

}  // namespace pnn
