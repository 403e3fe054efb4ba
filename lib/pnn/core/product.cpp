#include "pnn/core/product.hpp"

#include <algorithm>

#include "pnn/core/chunks.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/core/transpose.hpp"

namespace pnn {
namespace {

constexpr Index packs = 2;  ///< packs of columns in a panel
constexpr Index depth_block =
    256;  ///< most terms after which sums go back to memory, so that a panel stays cached
/// As many sums as registers hold beside their operands, and rows of one step of the kernel.
#if defined(__AVX512DQ__)
constexpr Index most_sums = 24;
#else
constexpr Index most_sums = 12;
#endif
template <Index Packs>
constexpr Index most_rows = std::min<Index>(most_sums / Packs, 12);

template <class Real>
constexpr Index width = packs* Pack<Real>::size;  ///< columns of a panel

/// Where rows of `width` columns of the right factor are read.
template <class Real>
struct Panel {
  const Real* data;
  Index step;
};

/// Adds `depth` terms to `Rows` x `Packs` packs of sums.
template <class Real, Index Rows, Index Packs>
void kernel(const Strided<Real>& a, Index depth, Panel<Real> panel, Real* out, Index out_step, bool add) {
  using P = Pack<Real>;
  const Real* x = a.data;
  P sums[Rows][Packs];
#pragma GCC unroll 12
  for (Index r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (Index p = 0; p < Packs; ++p)
      sums[r][p] = add ? P::load(out + r * out_step + p * P::size) : P(typename P::Lanes{});
  const auto term = [&](const Real* factors, const Real* columns) __attribute__((always_inline)) {
    P b[Packs];
#pragma GCC unroll 2
    for (Index p = 0; p < Packs; ++p) b[p] = P::load(columns + p * P::size);
#pragma GCC unroll 12
    for (Index r = 0; r < Rows; ++r) {
      const P factor(factors[r * a.row_step]);
#pragma GCC unroll 2
      for (Index p = 0; p < Packs; ++p) sums[r][p] = add_product(sums[r][p], factor, b[p]);
    }
  };
  Index k = 0;
  // Rows of the next step, which processors do not foresee, are asked for meanwhile: a cache line of each for
  // every line of terms.
  if constexpr (Rows == most_rows<Packs>) {
    constexpr Index line = 64 / Index(sizeof(Real));
    const Real* next = a.data + Rows * a.row_step;
    for (; k + line <= depth; k += line, next += line) {
#pragma GCC unroll 16
      for (Index j = 0; j < line; ++j, x += a.col_step, panel.data += panel.step) {
        for (Index r = j; r < Rows; r += line) __builtin_prefetch(next + r * a.row_step);
        term(x, panel.data);
      }
    }
  }
  for (; k < depth; ++k, x += a.col_step, panel.data += panel.step) term(x, panel.data);
#pragma GCC unroll 12
  for (Index r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (Index p = 0; p < Packs; ++p) sums[r][p].store(out + r * out_step + p * P::size);
}

/// The same for the first `count` columns of the panel.
template <class Real, Index Rows, Index Packs>
void columns(const Strided<Real>& a, Index depth, Panel<Real> panel, Real* out, Index out_step, Index count,
             bool add) {
  constexpr Index wide = Packs * Pack<Real>::size;
  if (count >= wide) return kernel<Real, Rows, Packs>(a, depth, panel, out, out_step, add);
  Real part[Rows * wide] = {};
  if (add)
    for (Index r = 0; r < Rows; ++r) std::copy_n(out + r * out_step, count, part + r * wide);
  kernel<Real, Rows, Packs>(a, depth, panel, part, wide, add);
  for (Index r = 0; r < Rows; ++r) std::copy_n(part + r * wide, count, out + r * out_step);
}

/// The rows that remain, fewer than `Rows` + 1.
template <class Real, Index Packs, Index Rows>
void last_rows(const Strided<Real>& a, Index rows, Index depth, Panel<Real> panel, Real* out, Index out_step,
               Index count, bool add) {
  if constexpr (Rows > 0) {
    if (rows == Rows) {
      columns<Real, Rows, Packs>(a, depth, panel, out, out_step, count, add);
    } else {
      last_rows<Real, Packs, Rows - 1>(a, rows, depth, panel, out, out_step, count, add);
    }
  }
}

template <class Real, Index Packs>
void all_rows(Strided<Real> a, Index depth, Panel<Real> panel, Real* out, Index out_step, Index count,
              bool add) {
  constexpr Index step = most_rows<Packs>;
  Index r = 0;
  for (; r + step <= a.rows; r += step, a.data += step * a.row_step, out += step * out_step)
    columns<Real, step, Packs>(a, depth, panel, out, out_step, count, add);
  last_rows<Real, Packs, step - 1>(a, a.rows - r, depth, panel, out, out_step, count, add);
}

/// Copies rows [0, depth) of `count` columns, which lie `col_step` apart, to rows of `width`.
template <class Real>
void pack_panel(Strided<Real> b, Index depth, Index count, Real* to) {
  using P = Pack<Real>;
  constexpr Index wide = width<Real>, side = P::size;
  if (b.col_step == 1) {
    for (Index k = 0; k < depth; ++k, to += wide) {
      const Real* from = b.data + k * b.row_step;
      if (count == wide) {
        for (Index p = 0; p < packs; ++p) P::load(from + p * side).store(to + p * side);
      } else {
        std::fill(std::copy_n(from, count, to), to + wide, Real(0));
      }
    }
    return;
  }
  Index k = 0;
  if (b.row_step == 1) {
    for (; k + side <= depth; k += side) {
      for (Index p = 0; p < packs; ++p) {
        P square[side];
#pragma GCC unroll 16
        for (Index c = 0; c < side; ++c) {
          const Index column = p * side + c;
          square[c] = column < count ? P::load(b.data + column * b.col_step + k) : P(Real(0));
        }
        transpose_square(square);
#pragma GCC unroll 16
        for (Index c = 0; c < side; ++c) square[c].store(to + (k + c) * wide + p * side);
      }
    }
  }
  for (; k < depth; ++k) {
    for (Index c = 0; c < wide; ++c)
      to[k * wide + c] = c < count ? b.data[c * b.col_step + k * b.row_step] : Real(0);
  }
}

/// Calls body(first term, terms, first column, columns) for every part of the right factor that the kernel
/// takes at once. Terms are shared out evenly, since a part of few costs as many loads of sums as one of
/// many.
template <class Real, class Body>
void for_parts(Index depth, Index cols, const Body& body) {
  const Index parts = (depth + depth_block - 1) / depth_block;
  const Index terms = parts > 0 ? (depth + parts - 1) / parts : 1;
  for (Index k = 0; k < depth; k += terms)
    for (Index c = 0; c < cols; c += width<Real>)
      body(k, std::min(terms, depth - k), c, std::min(width<Real>, cols - c));
}

template <class Real>
void part(Strided<Real> a, Index first, Index depth, Panel<Real> panel, Real* out, Index out_step,
          Index count, Into into) {
  a.data += first * a.col_step;
  const bool add = into == Into::add || first > 0;
  if (count > Pack<Real>::size) {
    all_rows<Real, 2>(a, depth, panel, out, out_step, count, add);
  } else {
    all_rows<Real, 1>(a, depth, panel, out, out_step, count, add);
  }
}

template <class Real>
void set_to_zero(const Strided<Real>& a, Index cols, Real* out, Index out_step) {
  for (Index r = 0; r < a.rows; ++r) std::fill_n(out + r * out_step, cols, Real(0));
}

}  // namespace

template <class Real>
void Panels<Real>::arrange(Strided<Real> factor) {
  rows_ = factor.rows;
  cols_ = factor.cols;
  const Index count = (cols_ + width<Real> - 1) / width<Real>;
  data_.resize(std::size_t(count * rows_ * width<Real>));
  for (Index p = 0; p < count; ++p) {
    Strided<Real> from = factor;
    from.data += p * width<Real> * factor.col_step;
    pack_panel(from, rows_, std::min(width<Real>, cols_ - p * width<Real>),
               data_.data() + p * rows_ * width<Real>);
  }
}

template <class Real>
void multiply(Strided<Real> a, Strided<Real> b, Real* out, Index out_step, Into into) {
  if (b.rows == 0 && into == Into::assign) set_to_zero(a, b.cols, out, out_step);
  // where few rows meet a panel, a copy of it costs more than steps through memory
  const bool in_place = b.col_step == 1 && a.rows <= 2 * most_rows<packs>;
  for_parts<Real>(b.rows, b.cols, [&](Index k, Index depth, Index c, Index count) {
    Strided<Real> from = b;
    from.data += k * b.row_step + c * b.col_step;
    if (in_place && count == width<Real>) {
      part<Real>(a, k, depth, {from.data, b.row_step}, out + c, out_step, count, into);
    } else {
      Real packed[depth_block * width<Real>];
      pack_panel(from, depth, count, packed);
      part<Real>(a, k, depth, {packed, width<Real>}, out + c, out_step, count, into);
    }
  });
}

template <class Real>
void multiply(Strided<Real> a, const Panels<Real>& b, Real* out, Index out_step, Into into) {
  if (b.rows() == 0 && into == Into::assign) set_to_zero(a, b.cols(), out, out_step);
  for_parts<Real>(b.rows(), b.cols(), [&](Index k, Index depth, Index c, Index count) {
    part<Real>(a, k, depth, {b.data() + c * b.rows() + k * width<Real>, width<Real>}, out + c, out_step,
               count, into);
  });
}

template <class Real>
void multiply_signals(std::type_identity_t<ConstMatrixView<Real>> weights,
                      std::type_identity_t<ConstMatrixView<Real>> signals, MatrixView<Real> outputs) {
  constexpr Index batch_chunk = 120;  // samples on one thread, a multiple of the rows of a step
  const Panels<Real> panels(strided(weights.transpose()));
  parallel_for(chunks_of(batch_chunk, signals.rows()), [&](std::size_t k) {
    const Chunk chunk = chunk_of(k, batch_chunk, signals.rows());
    multiply(rows_of(signals, chunk), panels, rows_of(outputs, chunk));
  });
}

template class Panels<float>;
template class Panels<double>;
template void multiply(Strided<float>, Strided<float>, float*, Index, Into);
template void multiply(Strided<double>, Strided<double>, double*, Index, Into);
template void multiply(Strided<float>, const Panels<float>&, float*, Index, Into);
template void multiply(Strided<double>, const Panels<double>&, double*, Index, Into);
template void multiply_signals<float>(ConstMatrixView<float>, ConstMatrixView<float>, MatrixView<float>);
template void multiply_signals<double>(ConstMatrixView<double>, ConstMatrixView<double>, MatrixView<double>);

}  // namespace pnn
