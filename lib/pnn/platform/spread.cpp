#include "pnn/platform/spread.hpp"

#include "pnn/core/text.hpp"

namespace pnn::platform {
namespace {

constexpr double largest_rest = 1e-6;  ///< variance of a point that a reduced factor may leave out

/// A factor F [points, rank] with F Fᵀ = the correlations of equally spaced points, but for `largest_rest`.
std::vector<double> reduced_factor(std::size_t points, double step, double length, std::size_t& rank) {
  std::vector<double> by_steps(points), rest(points, 1.0), columns;  // columns: [rank, point]
  for (std::size_t k = 0; k < points; ++k) by_steps[k] = smooth_correlation(double(k) * step, length);
  for (rank = 0; rank < points; ++rank) {
    const auto pivot = std::size_t(std::max_element(rest.begin(), rest.end()) - rest.begin());
    if (rest[pivot] <= largest_rest) break;
    const double root = std::sqrt(rest[pivot]);
    columns.resize((rank + 1) * points);
    double* const column = &columns[rank * points];
    for (std::size_t k = 0; k < points; ++k) column[k] = by_steps[k > pivot ? k - pivot : pivot - k];
    for (std::size_t earlier = 0; earlier < rank; ++earlier) {
      const double* const other = &columns[earlier * points];
      const double at_pivot = other[pivot];
      for (std::size_t k = 0; k < points; ++k) column[k] -= at_pivot * other[k];
    }
    for (std::size_t k = 0; k < points; ++k) {
      column[k] /= root;
      rest[k] -= column[k] * column[k];
    }
    rest[pivot] = 0;
  }
  std::vector<double> factor(points * rank);
  for (std::size_t k = 0; k < points; ++k) {
    double sum = 0;
    for (std::size_t r = 0; r < rank; ++r) sum += columns[r * points + k] * columns[r * points + k];
    for (std::size_t r = 0; r < rank; ++r) factor[k * rank + r] = columns[r * points + k] / std::sqrt(sum);
  }
  return factor;
}

}  // namespace

std::string complaint_about_shares(const std::string& name, const SpreadShares& shares) {
  if (shares.die + shares.smooth <= 1) return {};
  return name + ".die (" + format_number(shares.die) + ") and " + name + ".smooth (" +
         format_number(shares.smooth) + ") are shares of one variance; expected a sum of at most 1";
}

double smooth_correlation(double distance, double length) {
  return std::exp(-(distance / length) * (distance / length));
}

SmoothField::SmoothField(Index rows, Index cols, double step, double length)
    : rows_(std::size_t(rows)), cols_(std::size_t(cols)) {
  row_factor_ = reduced_factor(rows_, step, length, row_rank_);
  col_factor_ = reduced_factor(cols_, step, length, col_rank_);
}

void SmoothField::sample(const Stream& stream, std::size_t first, std::vector<double>& field) const {
  std::vector<double> by_cols(row_rank_ * cols_, 0.0);  // [rank of rows, col]
  for (std::size_t r = 0; r < row_rank_; ++r) {
    for (std::size_t s = 0; s < col_rank_; ++s) {
      const double z = normal(stream, std::uint32_t(first + r * col_rank_ + s));
      for (std::size_t col = 0; col < cols_; ++col)
        by_cols[r * cols_ + col] += col_factor_[col * col_rank_ + s] * z;
    }
  }
  field.assign(rows_ * cols_, 0.0);
  for (std::size_t row = 0; row < rows_; ++row) {
    for (std::size_t r = 0; r < row_rank_; ++r) {
      const double factor = row_factor_[row * row_rank_ + r];
      for (std::size_t col = 0; col < cols_; ++col)
        field[row * cols_ + col] += factor * by_cols[r * cols_ + col];
    }
  }
}

}  // namespace pnn::platform
