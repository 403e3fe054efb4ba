// Tests a gradient by what it predicts: f(x + h v) − f(x) − h g·v shrinks as h² for the true gradient g and
// as h for any other one.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "pnn/core/random.hpp"

namespace pnn::test {

/// Smallest order of decay of the remainder over `directions` random directions with components in
/// (−scale, scale): about 2 for a true gradient, about 1 for a wrong one, infinite where the remainder is
/// rounding error at every step size. Demand more than 1.8. f has to be twice differentiable around x.
inline double taylor_order(const std::function<double(std::span<const double>)>& f, std::span<const double> x,
                           std::span<const double> gradient, double scale, std::uint64_t seed = 1,
                           int directions = 3) {
  constexpr int steps = 10;
  double smallest = std::numeric_limits<double>::infinity();
  std::vector<double> direction(x.size()), moved(x.size());
  const double at_x = f(x);
  for (int n = 0; n < directions; ++n) {
    fill_symmetric({seed, Purpose::test, 0, 0, std::uint32_t(n)}, direction);
    double predicted = 0, size = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      direction[k] *= scale;
      predicted += gradient[k] * direction[k];
      size += std::abs(gradient[k] * direction[k]);
    }
    // A sum of n rounded terms is known to about n^½ units; 100 of them leave room for badly scaled sums.
    const double floor = 100 * 2.3e-16 * (1 + std::abs(at_x) + size) * std::sqrt(double(x.size()) + 1);
    double last = 0, before = 0;  // the two smallest steps whose remainder is more than rounding error
    for (int step = 0; step < steps; ++step) {
      const double h = std::ldexp(1.0, -step);
      for (std::size_t k = 0; k < x.size(); ++k) moved[k] = x[k] + h * direction[k];
      const double remainder = std::abs(f(moved) - at_x - h * predicted);
      if (!(remainder > 10 * floor)) break;
      before = last;
      last = remainder;
    }
    if (before > 0) smallest = std::min(smallest, std::log2(before / last));
  }
  return smallest;
}

}  // namespace pnn::test
