#include "pnn/platforms/mzi/crosstalk.hpp"

#include <cmath>

#include "pnn/core/simd.hpp"

namespace pnn::platforms::mzi {

Matrix<double> column_crosstalk(Index mzis, double chi, double length) {
  Matrix<double> x = Matrix<double>::Zero(mzis, mzis);
  for (Index k = 0; k < mzis; ++k) {
    for (Index m = 0; m < mzis; ++m) {
      if (m != k) x(k, m) = chi * std::exp(-(std::abs(double(k - m)) - 1) / length);
    }
  }
  return x;
}

void add_crosstalk(const double* x, Index count, double chi, double decay, double* sums) {
  double above = 0, below = 0;  // two chains that do not wait for each other
  for (Index k = 0; k < count; ++k) {
    const Index from_below = count - 1 - k;
    sums[k] += above;
    sums[from_below] += below;
    above = fma(decay, above, chi * x[k]);
    below = fma(decay, below, chi * x[from_below]);
  }
}

}  // namespace pnn::platforms::mzi
