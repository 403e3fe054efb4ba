// Transposes a matrix in vector registers, for kernels whose lanes are the rows of a row-major array.
#pragma once

#include <cstddef>

#include "pnn/core/simd.hpp"

namespace pnn {

namespace detail {

/// In each 2·Step × 2·Step block of a square of packs, swaps the upper right quarter with the lower left one.
template <int Step, class Real>
inline void swap_quarters(Pack<Real>* rows) {
  constexpr int size = Pack<Real>::size;
  constexpr auto upper = [](int k) { return k & Step ? size + k - Step : k; };
  constexpr auto lower = [](int k) { return k & Step ? size + k : k + Step; };
  for (int i = 0; i < size; ++i) {
    if (i & Step) continue;
    const Pack<Real> a = rows[i], b = rows[i + Step];
    rows[i] = shuffle<upper>(a, b);
    rows[i + Step] = shuffle<lower>(a, b);
  }
  if constexpr (2 * Step < size) swap_quarters<2 * Step>(rows);
}

}  // namespace detail

/// to[c · to_stride + r] = from[r · from_stride + c] for r, c < lane_block.
template <class Real>
inline void transpose_block(const Real* from, std::ptrdiff_t from_stride, Real* to,
                            std::ptrdiff_t to_stride) {
  constexpr int size = Pack<Real>::size;
  for (int r = 0; r < lane_block; r += size) {
    for (int c = 0; c < lane_block; c += size) {
      Pack<Real> rows[size];
      for (int i = 0; i < size; ++i) rows[i] = Pack<Real>::load(from + (r + i) * from_stride + c);
      detail::swap_quarters<1>(rows);
      for (int i = 0; i < size; ++i) rows[i].store(to + (c + i) * to_stride + r);
    }
  }
}

/// to[c · to_stride + r] = from[r · from_stride + c] for r < rows, c < cols.
template <class Real>
inline void transpose(const Real* from, std::ptrdiff_t from_stride, std::ptrdiff_t rows, std::ptrdiff_t cols,
                      Real* to, std::ptrdiff_t to_stride) {
  for (std::ptrdiff_t r = 0; r < rows; r += lane_block) {
    for (std::ptrdiff_t c = 0; c < cols; c += lane_block) {
      const Real* corner = from + r * from_stride + c;
      Real* turned = to + c * to_stride + r;
      if (r + lane_block <= rows && c + lane_block <= cols) {
        transpose_block(corner, from_stride, turned, to_stride);
        continue;
      }
      for (std::ptrdiff_t i = 0; i < lane_block && r + i < rows; ++i) {
        for (std::ptrdiff_t j = 0; j < lane_block && c + j < cols; ++j) {
          turned[j * to_stride + i] = corner[i * from_stride + j];
        }
      }
    }
  }
}

}  // namespace pnn
