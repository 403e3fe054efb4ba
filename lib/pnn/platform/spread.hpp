// Deviations of the elements of a die that are not independent of each other. The variance of a drawn
// quantity divides into a share that is common to the die, a share that varies smoothly over it, and the
// rest, which each element has of its own (the parts of W. Bogaerts and others, IEEE J. Sel. Top. Quantum
// Electron. 25, 6100413, 2019; the common and the smooth part are drawn from a reduced correlation matrix as
// in J. Jhoja and others, Opt. Express 28, 7799, 2020).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/core/random.hpp"

namespace pnn::platform {

/// Shares of the variance of one quantity, each in [0, 1], with a sum of at most 1. What remains is
/// independent from element to element. Both 0: all of it.
struct SpreadShares {
  double die = 0;     ///< common to all elements of a die
  double smooth = 0;  ///< correlated over distance
  [[nodiscard]] bool independent() const { return die == 0 && smooth == 0; }
};

/// A complaint if the shares of quantity `name` have a sum above 1; empty when fine.
std::string complaint_about_shares(const std::string& name, const SpreadShares& shares);

/// The correlation of the smooth parts of two elements at a distance (in any unit, that of `length`):
/// exp(−(distance/length)²).
double smooth_correlation(double distance, double length);

/// Normal numbers of variance 1 on a grid of rows × cols points, correlated by smooth_correlation() of their
/// distance. As exp(−d²/ℓ²) is a product of one factor for rows and one for columns, so is the matrix of
/// correlations. Each factor is reduced by a pivoted Cholesky decomposition to the few columns that leave
/// less than 1e-6 of any variance, and its rows are scaled to variance 1: correlations are exact to about
/// 1e-5, and a sample costs rows · cols times the smaller rank.
class SmoothField {
 public:
  /// `step` is the distance of neighbouring points along both sides, in the unit of `length`.
  SmoothField(Index rows, Index cols, double step, double length);
  /// The number of independent normal numbers that make one sample.
  [[nodiscard]] std::size_t numbers() const { return row_rank_ * col_rank_; }
  /// One sample, [row, col]. Its numbers are normal(stream, index) for `first` ≤ index < first + numbers().
  void sample(const Stream& stream, std::size_t first, std::vector<double>& field) const;

 private:
  std::size_t rows_, cols_, row_rank_ = 0, col_rank_ = 0;
  std::vector<double> row_factor_, col_factor_;  ///< [point, rank]
};

/// Makes independent normal numbers `z` of variance 1 into correlated ones: the independent part of `shares`
/// stays, and each element takes `common` and the field at its place, place(k).
template <class Place>
void correlate(const SpreadShares& shares, double common, const std::vector<double>& field,
               const Place& place, std::span<double> z);

}  // namespace pnn::platform

// Implementation

#include <algorithm>
#include <cmath>

namespace pnn::platform {

template <class Place>
void correlate(const SpreadShares& shares, double common, const std::vector<double>& field,
               const Place& place, std::span<double> z) {
  const double own = std::sqrt(std::max(0.0, 1 - shares.die - shares.smooth)),
               offset = std::sqrt(shares.die) * common, smooth = std::sqrt(shares.smooth);
  for (std::size_t k = 0; k < z.size(); ++k)
    z[k] = own * z[k] + offset + (smooth > 0 ? smooth * field[std::size_t(place(k))] : 0);
}

}  // namespace pnn::platform
