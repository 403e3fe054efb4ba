#include "pnn/platforms/mrr/thermal.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/simd.hpp"

namespace pnn::platforms::mrr {

Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff) {
  Matrix<double> x(rows, cols);
  for (Index down = 0; down < rows; ++down) {
    for (Index across = 0; across < cols; ++across) {
      const double distance = std::hypot(double(down), double(across));
      const double entry = chi * std::exp(-(distance - 1) / length);
      x(down, across) = distance > 0 && entry >= cutoff ? entry : 0;
    }
  }
  return x;
}

template <class Real>
HeatSpread<Real>::HeatSpread(Index rows, Index cols, double chi, double length, double cutoff)
    : rows_(rows), cols_(cols), even_((cols + 1) / 2), odd_(cols / 2) {
  const Matrix<double> x = thermal_crosstalk(rows, cols, chi, length, cutoff);
  for (Index down = 0; down < rows; ++down)
    if (!x.row(down).isZero(0)) reach_ = down;
  const auto arrange = [&](Index count, double sign) {
    std::vector<Real> entries;
    for (Index to = 0; to < count; ++to) {
      for (Index down = 0; down <= reach_; ++down) {
        const auto by_columns = x.row(down);
        for (Index from = 0; from < count; ++from)
          entries.push_back(
              Real((by_columns[std::abs(to - from)] + sign * by_columns[cols - 1 - to - from]) / 2));
      }
    }
    return entries;
  };
  sums_ = arrange(even_, 1);
  differences_ = arrange(odd_, -1);
}

namespace {

constexpr int most_sums = 4;  ///< rows of a matrix that are multiplied at once

/// The sums or the differences of the rows of a chip, and the entries by which they act on one of its rows.
template <class Real>
struct Parts {
  const Real* x;     ///< [to, row distance, from]
  Index x_step;      ///< from one `to` to the next
  Index count;       ///< values in a row
  const Real* data;  ///< [row, from], one pack or two at each place
  Index step;        ///< from one place to the next
};

/// sums[to] += Σ x[to, down, from] · part[from], the first `part` that of row `above` and, if `Pair`, that of
/// row `below` added to it, each term with one rounding.
template <int Rows, int Packs, bool Pair, class Real>
inline void add_row(const Parts<Real>& parts, Index down, Index above, Index below,
                    Pack<Real> (&sums)[Rows][Packs]) {
  using P = Pack<Real>;
  const Real* x = parts.x + down * parts.count;
  const Real* one = parts.data + above * parts.count * parts.step;
  const Real* other = parts.data + below * parts.count * parts.step;
  for (Index from = 0; from < parts.count; ++from, ++x, one += parts.step, other += parts.step) {
    P part[Packs];
#pragma GCC unroll 2
    for (int p = 0; p < Packs; ++p) {
      part[p] = P::load(one + p * P::size);
      if constexpr (Pair) part[p] = part[p] + P::load(other + p * P::size);
    }
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) {
      const P factor(x[r * parts.x_step]);
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p) sums[r][p] = add_product(sums[r][p], factor, part[p]);
    }
  }
}

/// out[to, pack]: what arrives at `Rows` places of a row of a chip of `rows` rows, from its own row outwards.
template <int Rows, int Packs, class Real>
void add_up(const Parts<Real>& parts, Index row, Index rows, Index reach, Pack<Real>* out) {
  using P = Pack<Real>;
  P sums[Rows][Packs];
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (int p = 0; p < Packs; ++p) sums[r][p] = P(typename P::Lanes{});
  const Index above = std::min(row, reach), below = std::min(rows - 1 - row, reach);
  add_row<Rows, Packs, false>(parts, 0, row, row, sums);
  Index down = 1;
  for (; down <= std::min(above, below); ++down)
    add_row<Rows, Packs, true>(parts, down, row - down, row + down, sums);
  for (; down <= std::max(above, below); ++down) {
    const Index other = above > below ? row - down : row + down;
    add_row<Rows, Packs, false>(parts, down, other, other, sums);
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (int p = 0; p < Packs; ++p) out[r * Packs + p] = sums[r][p];
}

/// The same for the places from number `first` on, at most most_sums.
template <int Packs, class Real>
void add_up(Parts<Real> parts, Index first, Index row, Index rows, Index reach, Pack<Real>* out) {
  parts.x += first * parts.x_step;
  const Index places = parts.count - first;
  if (places >= 4) return add_up<4, Packs>(parts, row, rows, reach, out);
  if (places == 3) return add_up<3, Packs>(parts, row, rows, reach, out);
  if (places == 2) return add_up<2, Packs>(parts, row, rows, reach, out);
  if (places == 1) return add_up<1, Packs>(parts, row, rows, reach, out);
}

}  // namespace

template <class Real>
template <int Packs>
void HeatSpread<Real>::spread_row(const Real* parts, Index row, Index step, Real* out) const {
  using P = Pack<Real>;
  const Parts<Real> even{sums_.data(), (reach_ + 1) * even_, even_, parts, step};
  const Parts<Real> odd{differences_.data(), (reach_ + 1) * odd_, odd_, parts + rows_ * even_ * step, step};
  P sums[most_sums * Packs], differences[most_sums * Packs];
  for (Index k = 0; k < even_; k += most_sums) {
    add_up<Packs>(even, k, row, rows_, reach_, sums);
    add_up<Packs>(odd, k, row, rows_, reach_, differences);
    for (Index n = 0; n < std::min<Index>(most_sums, even_ - k); ++n) {
      Real* const left = out + (row * cols_ + k + n) * step;
      Real* const right = out + (row * cols_ + cols_ - 1 - k - n) * step;
      for (int p = 0; p < Packs; ++p) {
        const P sum = sums[n * Packs + p];
        const P difference = left == right ? P(Real(0)) : differences[n * Packs + p];
        (sum + difference).store(left + p * P::size);
        if (left != right) (sum - difference).store(right + p * P::size);
      }
    }
  }
}

template <class Real>
void HeatSpread<Real>::apply(const Real* heat, Index step, Index lanes, Real* scratch, Real* out) const {
  using P = Pack<Real>;
  for (Index row = 0; row < rows_; ++row) {
    for (Index k = 0; k < even_; ++k) {
      const Real* const left = heat + (row * cols_ + k) * step;
      const Real* const right = heat + (row * cols_ + cols_ - 1 - k) * step;
      Real* const sum = scratch + (row * even_ + k) * step;
      Real* const difference = scratch + (rows_ * even_ + row * odd_ + k) * step;
      for (Index lane = 0; lane < lanes; lane += P::size) {
        const P a = P::load(left + lane);
        if (left == right) {
          a.store(sum + lane);
          continue;
        }
        const P b = P::load(right + lane);
        (a + b).store(sum + lane);
        (a - b).store(difference + lane);
      }
    }
  }
  Index lane = 0;
  for (; lane + 2 * P::size <= lanes; lane += 2 * P::size) {
    for (Index row = 0; row < rows_; ++row) spread_row<2>(scratch + lane, row, step, out + lane);
  }
  if (lane < lanes) {
    for (Index row = 0; row < rows_; ++row) spread_row<1>(scratch + lane, row, step, out + lane);
  }
}

template class HeatSpread<float>;
template class HeatSpread<double>;

}  // namespace pnn::platforms::mrr
