// How a batch or an array is cut for parallel_for: chunks whose size the problem fixes, never the threads.
#pragma once

#include <algorithm>

#include "pnn/core/matrix.hpp"

namespace pnn {

/// Chunk [begin, begin + count) number k of `total` in chunks of `size`.
struct Chunk {
  Index begin, count;
};
inline Chunk chunk_of(std::size_t k, Index size, Index total) {
  const Index begin = Index(k) * size;
  return {begin, std::min(size, total - begin)};
}
inline std::size_t chunks_of(Index size, Index total) {
  return std::size_t((total + size - 1) / size);
}

/// The rows [begin, begin + count) of a row-major view.
template <class Real>
ConstMatrixView<Real> rows_of(ConstMatrixView<Real> m, Chunk c) {
  return ConstMatrixView<Real>(m.data() + c.begin * m.cols(), c.count, m.cols());
}
template <class Real>
MatrixView<Real> rows_of(MatrixView<Real> m, Chunk c) {
  return MatrixView<Real>(m.data() + c.begin * m.cols(), c.count, m.cols());
}

}  // namespace pnn
