#include "pnn/platforms/mrr/thermal.hpp"

#include <algorithm>
#include <cmath>

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
  Matrix<double> x = thermal_crosstalk(rows, cols, chi, length, cutoff);
  for (Index down = 0; down < rows; ++down)
    if (!x.row(down).isZero(0)) reach_ = down;
  x(0, 0) = 1;  // the ring's own heat
  const auto arrange = [&](Index count, double sign) {
    std::vector<Real> entries;
    for (Index down = 0; down <= reach_; ++down) {
      const auto by_columns = x.row(down);
      for (Index from = 0; from < count; ++from)
        for (Index to = 0; to < count; ++to)
          entries.push_back(
              Real((by_columns[std::abs(to - from)] + sign * by_columns[cols - 1 - to - from]) / 2));
    }
    return entries;
  };
  sums_ = arrange(even_, 1);
  differences_ = arrange(odd_, -1);
}

namespace {

/// The sums or the differences of the rows of a chip, from one of its rows on, and how they act.
template <class Real>
struct Parts {
  const Real* x;    ///< [distance, from, to]
  Index count;      ///< values in a row
  const Real* row;  ///< [row, from], packs at each place
  Index in_row, step, reach;
};

/// out[row][place][pack]: what arrives at `Places` places of each of `Rows` rows, each term with one
/// rounding, from the own row outwards.
template <int Rows, int Places, int Packs, class Real>
inline void add_up(const Parts<Real>& parts, Index first, Pack<Real>* out) {
  using P = Pack<Real>;
  P sums[Rows][Places][Packs];
#pragma GCC unroll 2
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int k = 0; k < Places; ++k)
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p) sums[r][k][p] = P(typename P::Lanes{});
  const Real* x = parts.x + first;
  for (Index down = 0; down <= parts.reach; ++down) {
    const Real *above = parts.row - down * parts.in_row, *below = parts.row + down * parts.in_row;
    for (Index from = 0; from < parts.count;
         ++from, x += parts.count, above += parts.step, below += parts.step) {
      P part[Rows][Packs];
#pragma GCC unroll 2
      for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
        for (int p = 0; p < Packs; ++p) {
          const Index at = r * parts.in_row + p * P::size;
          part[r][p] = P::load(above + at);
          if (down > 0) part[r][p] = part[r][p] + P::load(below + at);
        }
#pragma GCC unroll 4
      for (int k = 0; k < Places; ++k) {
        const P factor(x[k]);
#pragma GCC unroll 2
        for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 2
          for (int p = 0; p < Packs; ++p) sums[r][k][p] = add_product(sums[r][k][p], factor, part[r][p]);
      }
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int k = 0; k < Places; ++k)
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p) out[(r * Places + k) * Packs + p] = sums[r][k][p];
}

}  // namespace

template <class Real>
template <int Rows, int Packs>
void HeatSpread<Real>::give_packs(const Real* taken, Index width, Real* out) const {
  using P = Pack<Real>;
  const Index in_row = cols_ * width;
  const Parts<Real> even{sums_.data(), even_, taken, in_row, width, reach_};
  const Parts<Real> odd{differences_.data(), odd_, taken + even_ * width, in_row, width, reach_};
  const auto give = [&]<int Places>(Index first) {
    P sums[Rows * Places * Packs], differences[Rows * Places * Packs];
    add_up<Rows, Places, Packs>(even, first, sums);
    const bool both = first + Places <= odd_;  // else it is the ring in the middle, which has no other
    if (both) add_up<Rows, Places, Packs>(odd, first, differences);
#pragma GCC unroll 16
    for (int n = 0; n < Rows * Places * Packs; ++n) {
      const Index col = first + n / Packs % Places;
      Real* const row = out + n / Packs / Places * in_row + n % Packs * P::size;
      (both ? sums[n] + differences[n] : sums[n]).store(row + col * width);
      if (both) (sums[n] - differences[n]).store(row + (cols_ - 1 - col) * width);
    }
  };
  Index first = 0;
  for (; first + 4 <= odd_; first += 4) give.template operator()<4>(first);
  for (; first < even_; ++first) give.template operator()<1>(first);
}

template <class Real>
void HeatSpread<Real>::begin(Index width, Real* taken) const {
  const Index edge = reach_ * cols_ * width;  // rows beyond the chip, which are cold
  std::fill_n(taken, edge, Real(0));
  std::fill_n(taken + size(width) - edge, edge, Real(0));
}

template <class Real>
void HeatSpread<Real>::take(Index row, const Real* heat, Index width, Index lanes, Real* taken) const {
  using P = Pack<Real>;
  Real* const to = taken + (reach_ + row) * cols_ * width;
  if (even_ == 0) {
    std::copy_n(heat, cols_ * width, to);
    return;
  }
  for (Index k = 0; k < even_; ++k) {
    const Real *const left = heat + k * width, *const right = heat + (cols_ - 1 - k) * width;
    Real *const sum = to + k * width, *const difference = to + (even_ + k) * width;
    for (Index lane = 0; lane < lanes; lane += P::size) {
      const P a = P::load(left + lane), b = P::load(right + lane);
      (k < odd_ ? a + b : a).store(sum + lane);
      if (k < odd_) (a - b).store(difference + lane);
    }
  }
}

template <class Real>
void HeatSpread<Real>::give(Index row, const Real* taken, Index width, Index lanes, Real* out) const {
  constexpr Index two = 2 * Pack<Real>::size;
  const Real* const from = taken + (reach_ + row) * cols_ * width;
  const Index rows = std::min(together, rows_ - row);
  if (even_ == 0) {
    std::copy_n(from, rows * cols_ * width, out);
    return;
  }
  const auto give = [&]<int Rows>() {
    Index lane = 0;
    for (; lane + two <= lanes; lane += two) give_packs<Rows, 2>(from + lane, width, out + lane);
    for (; lane < lanes; lane += two / 2) give_packs<Rows, 1>(from + lane, width, out + lane);
  };
  if (rows == 1) {
    give.template operator()<1>();
  } else {
    give.template operator()<int(together)>();
  }
}

template class HeatSpread<float>;
template class HeatSpread<double>;

}  // namespace pnn::platforms::mrr
