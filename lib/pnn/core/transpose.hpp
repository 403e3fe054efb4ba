// Transposes a matrix in vector registers, for kernels whose lanes are the rows of a row-major array. Loops
// over registers are unrolled: rows of a loop lie in memory, and a processor waits long for a vector that it
// wrote there in halves.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "pnn/core/simd.hpp"

namespace pnn {

namespace detail {

/// In each 2·Step × 2·Step block of a square of packs, swaps the upper right quarter with the lower left one.
template <int Step, class Real>
inline void swap_quarters(Pack<Real>* rows) {
  constexpr int size = Pack<Real>::size;
  constexpr auto upper = [](int k) { return k & Step ? size + k - Step : k; };
  constexpr auto lower = [](int k) { return k & Step ? size + k : k + Step; };
#pragma GCC unroll 16
  for (int i = 0; i < size; ++i) {
    if (i & Step) continue;
    const Pack<Real> a = rows[i], b = rows[i + Step];
    rows[i] = shuffle<upper>(a, b);
    rows[i + Step] = shuffle<lower>(a, b);
  }
  if constexpr (2 * Step < size) swap_quarters<2 * Step>(rows);
}

}  // namespace detail

/// Swaps rows and columns of a square of packs.
template <class Real>
inline void transpose_square(Pack<Real>* rows) {
  detail::swap_quarters<1>(rows);
}

/// to[c · to_stride + r] = from[r · from_stride + c] for r, c < lane_block.
template <class Real>
inline void transpose_block(const Real* from, std::ptrdiff_t from_stride, Real* to,
                            std::ptrdiff_t to_stride) {
  constexpr int size = Pack<Real>::size;
  for (int r = 0; r < lane_block; r += size) {
    for (int c = 0; c < lane_block; c += size) {
      Pack<Real> rows[size];
#pragma GCC unroll 16
      for (int i = 0; i < size; ++i) rows[i] = Pack<Real>::load(from + (r + i) * from_stride + c);
      transpose_square(rows);
#pragma GCC unroll 16
      for (int i = 0; i < size; ++i) rows[i].store(to + (c + i) * to_stride + r);
    }
  }
}

/// Side of the squares of transpose_to_lanes(), the same on every processor.
inline constexpr int square_side = 8;

namespace detail {

/// Transposes squares that lie side by side in the lanes of square_side rows.
template <class Real, int Lanes>
struct SquareRows {
  static_assert(Lanes == square_side || Lanes == 2 * square_side);
  typedef Real Row __attribute__((vector_size(Lanes * sizeof(Real))));
  typedef Real Half __attribute__((vector_size(square_side * sizeof(Real))));
  Row rows[square_side];

  void transpose() {
    const auto stage = [&](auto half) {  // swaps the quarters beside the diagonal in squares of twice `half`
      constexpr int h = half;
#pragma GCC unroll 16
      for (int r = 0; r < square_side; ++r) {
        if (r & h) continue;
        const Row a = rows[r], b = rows[r + h];
        [&]<std::size_t... K>(std::index_sequence<K...>) {
          rows[r] = __builtin_shufflevector(a, b, (int(K) & h ? Lanes + int(K) - h : int(K))...);
          rows[r + h] = __builtin_shufflevector(a, b, (int(K) & h ? Lanes + int(K) : int(K) + h)...);
        }
        (std::make_index_sequence<std::size_t(Lanes)>());
      }
    };
    stage(std::integral_constant<int, 1>());
    stage(std::integral_constant<int, 2>());
    stage(std::integral_constant<int, 4>());
  }
  /// Not returned: a vector that is wider than a register has no place in a call that compilers agree on.
  static void load(const Real* from, Half& half) {
    std::memcpy(&half, from, sizeof(Half));
  }
};

}  // namespace detail

/// to(c)[r] = from(r)[c] for r < Lanes, c < square_side, where from and to give the beginnings of rows
/// anywhere. Lanes is square_side or, where that is one register, twice as much.
template <int Lanes, class Real, class From, class To>
inline void transpose_to_lanes(const From& from, const To& to) {
  detail::SquareRows<Real, Lanes> squares;
#pragma GCC unroll 16
  for (int r = 0; r < square_side; ++r) {
    if constexpr (Lanes == square_side) {
      squares.load(from(r), squares.rows[r]);
    } else {
      typename detail::SquareRows<Real, Lanes>::Half first, second;
      squares.load(from(r), first), squares.load(from(r + square_side), second);
      squares.rows[r] =
          __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
  }
  squares.transpose();
#pragma GCC unroll 16
  for (int c = 0; c < square_side; ++c) std::memcpy(to(c), &squares.rows[c], sizeof(squares.rows[c]));
}

/// The way back: to(r)[c] = from(c)[r] for r < Lanes, c < square_side.
template <int Lanes, class Real, class From, class To>
inline void transpose_from_lanes(const From& from, const To& to) {
  detail::SquareRows<Real, Lanes> squares;
#pragma GCC unroll 16
  for (int c = 0; c < square_side; ++c) std::memcpy(&squares.rows[c], from(c), sizeof(squares.rows[c]));
  squares.transpose();
#pragma GCC unroll 16
  for (int r = 0; r < square_side; ++r) {
    const auto row = squares.rows[r];
    if constexpr (Lanes == square_side) {
      std::memcpy(to(r), &row, sizeof(row));
    } else {
      const auto first = __builtin_shufflevector(row, row, 0, 1, 2, 3, 4, 5, 6, 7);
      const auto second = __builtin_shufflevector(row, row, 8, 9, 10, 11, 12, 13, 14, 15);
      std::memcpy(to(r), &first, sizeof(first));
      std::memcpy(to(r + square_side), &second, sizeof(second));
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
