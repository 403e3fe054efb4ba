#include "pnn/train/average.hpp"

#include <algorithm>
#include <cmath>

namespace pnn::train {

void RunningMean::add(std::size_t first, std::span<const float> values, double turn, std::uint64_t step) {
  const auto weight = float((1 - decay_) / (1 - std::pow(decay_, double(step + 1))));
  const std::size_t n = values.size();
  const float* x = values.data();
  float* mean = mean_.data() + first;
  if (step == 0) {  // and not an angle equal to it
    std::copy_n(x, n, mean);
    return;
  }
  if (turn > 0) {
    const auto whole = float(turn), part = float(1 / turn);
    for (std::size_t k = 0; k < n; ++k) {
      const float away = x[k] - mean[k];
      mean[k] += weight * (away - whole * std::nearbyint(away * part));
    }
    return;
  }
#pragma omp simd
  for (std::size_t k = 0; k < n; ++k) mean[k] += weight * (x[k] - mean[k]);
}

}  // namespace pnn::train
