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
  for (Index k = 0; k < rings; ++k) {
    for (Index m = 0; m < rings; ++m)
      x(k, m) = at(std::abs(k / cols - m / cols), std::abs(k % cols - m % cols));
  }
  return x;
}

}  // namespace pnn::platforms::mrr
