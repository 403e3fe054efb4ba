#include "pnn/platforms/mrr/thermal.hpp"

#include <cmath>

namespace pnn::platforms::mrr {

Matrix<double> thermal_crosstalk(Index rows, Index cols, double chi, double length, double cutoff) {
  const Index rings = rows * cols;
  Matrix<double> x = Matrix<double>::Zero(rings, rings);
  for (Index k = 0; k < rings; ++k) {
    for (Index m = 0; m < rings; ++m) {
      if (k == m) continue;
      const Index down = k / cols - m / cols, across = k % cols - m % cols;
      const double distance = std::hypot(double(down), double(across));
      const double entry = chi * std::exp(-(distance - 1) / length);
      if (entry >= cutoff) x(k, m) = entry;
    }
  }
  return x;
}

}  // namespace pnn::platforms::mrr
