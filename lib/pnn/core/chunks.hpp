// How a batch or an array is cut into chunks for parallel_for. The size of a chunk follows from the problem
// and never from the number of threads, so that results do not depend on it.
#pragma once

#include <algorithm>

#include "pnn/core/matrix.hpp"

namespace pnn {

/// The items [begin, begin + count) of an array.
struct Chunk {
  Index begin, count;
};
/// Chunk number k, from 0, when `total` items are cut into chunks of `size` (> 0); the last one may be
/// shorter.
inline Chunk chunk_of(std::size_t k, Index size, Index total) {
  const Index begin = Index(k) * size;
  return {begin, std::min(size, total - begin)};
}
/// How many chunks there are.
inline std::size_t chunks_of(Index size, Index total) {
  return std::size_t((total + size - 1) / size);
}

/// The rows of a row-major matrix that belong to a chunk, as a view of the same memory.
template <class Real>
ConstMatrixView<Real> rows_of(ConstMatrixView<Real> m, Chunk c) {
  return ConstMatrixView<Real>(m.data() + c.begin * m.cols(), c.count, m.cols());
}
template <class Real>
MatrixView<Real> rows_of(MatrixView<Real> m, Chunk c) {
  return MatrixView<Real>(m.data() + c.begin * m.cols(), c.count, m.cols());
}

}  // namespace pnn
