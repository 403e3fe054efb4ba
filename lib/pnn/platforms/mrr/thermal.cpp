#include "pnn/platforms/mrr/thermal.hpp"

#include <cmath>

namespace pnn::platforms::mrr {

Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff) {
  Matrix<double> at(rows, cols);  // the entry at a distance of so many rows and columns
  for (Index down = 0; down < rows; ++down) {
    for (Index across = 0; across < cols; ++across) {
      const double distance = std::hypot(double(down), double(across));
      const double entry = chi * std::exp(-(distance - 1) / length);
      at(down, across) = distance > 0 && entry >= cutoff ? entry : 0;
    }
  }
  const Index rings = rows * cols;
  Matrix<double> x(rings, rings);
  double* entry = x.data();
  for (Index k = 0; k < rings; ++k) {
    const Index row = k / cols, col = k % cols;
    for (Index other = 0; other < rows; ++other) {
      const auto distances = at.row(std::abs(row - other));
      for (Index across = -col; across < cols - col; ++across) *entry++ = distances[std::abs(across)];
    }
  }
  return x;
}

}  // namespace pnn::platforms::mrr
