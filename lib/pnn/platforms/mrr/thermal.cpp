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
      for (Index down = -reach_; down <= reach_; ++down) {
        const auto by_columns = x.row(std::abs(down));
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

/// out[row, pack] = Σ x[row, term] parts[term, pack], terms in order, each added with one rounding.
template <int Rows, int Packs, class Real>
void add_up(const Real* x, Index x_step, Index terms, const Real* parts, Index step, Pack<Real>* out) {
  using P = Pack<Real>;
  P sums[Rows][Packs];
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (int p = 0; p < Packs; ++p) sums[r][p] = P(typename P::Lanes{});
  for (Index term = 0; term < terms; ++term, ++x, parts += step) {
    P part[Packs];
#pragma GCC unroll 2
    for (int p = 0; p < Packs; ++p) part[p] = P::load(parts + p * P::size);
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) {
      const P factor(x[r * x_step]);
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p) sums[r][p] = add_product(sums[r][p], factor, part[p]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
    for (int p = 0; p < Packs; ++p) out[r * Packs + p] = sums[r][p];
}

template <int Packs, class Real>
void add_up(Index rows, const Real* x, Index x_step, Index terms, const Real* parts, Index step,
            Pack<Real>* out) {
  if (rows >= 4) return add_up<4, Packs>(x, x_step, terms, parts, step, out);
  if (rows == 3) return add_up<3, Packs>(x, x_step, terms, parts, step, out);
  if (rows == 2) return add_up<2, Packs>(x, x_step, terms, parts, step, out);
  if (rows == 1) return add_up<1, Packs>(x, x_step, terms, parts, step, out);
}

}  // namespace

template <class Real>
template <int Packs>
void HeatSpread<Real>::spread_row(const Real* parts, Index row, Index step, Real* out) const {
  using P = Pack<Real>;
  const Index first = std::max<Index>(0, row - reach_), last = std::min(rows_ - 1, row + reach_);
  const Index band = 2 * reach_ + 1, skipped = first - row + reach_, taken = last - first + 1;
  P sums[most_sums * Packs], differences[most_sums * Packs];
  for (Index k = 0; k < even_; k += most_sums) {
    add_up<Packs>(even_ - k, sums_.data() + (k * band + skipped) * even_, band * even_, taken * even_,
                  parts + first * even_ * step, step, sums);
    add_up<Packs>(odd_ - k, differences_.data() + (k * band + skipped) * odd_, band * odd_, taken * odd_,
                  parts + (rows_ * even_ + first * odd_) * step, step, differences);
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
