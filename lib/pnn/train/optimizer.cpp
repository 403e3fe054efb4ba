#include "pnn/train/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pnn::train {

void Optimizer::update(std::size_t first, std::span<float> values, std::span<const float> gradient,
                       double scale, double rate, std::uint64_t step) {
  const std::size_t n = values.size();
  const auto s = float(scale), r = float(scale * rate);
  float* x = values.data();
  const float* g = gradient.data();
  float* m = m_.data() + first;
  if (kind_ == Kind::sgd) {
    const auto mu = float(momentum_);
#pragma omp simd
    for (std::size_t k = 0; k < n; ++k) {
      m[k] = mu * m[k] + s * g[k];
      x[k] -= r * m[k];
    }
    return;
  }
  constexpr float b1 = 0.9F, b2 = 0.999F, epsilon = 1e-8F;
  const auto unbias_m = float(1 / (1 - std::pow(0.9, double(step + 1)))),
             unbias_v = float(1 / (1 - std::pow(0.999, double(step + 1))));
  float* v = v_.data() + first;
#pragma omp simd
  for (std::size_t k = 0; k < n; ++k) {
    const float gk = s * g[k];
    m[k] = b1 * m[k] + (1 - b1) * gk;
    v[k] = b2 * v[k] + (1 - b2) * gk * gk;
    x[k] -= r * (m[k] * unbias_m) / (std::sqrt(v[k] * unbias_v) + epsilon);
  }
}

double Schedule::factor(std::uint64_t step) const {
  switch (kind) {
    case Kind::cosine:
      return 0.5 * (1 + std::cos(std::numbers::pi * double(step) / double(total_steps)));
    case Kind::step: {
      const std::uint64_t drops = step / step_every;
      return std::pow(step_factor, double(drops));
    }
    case Kind::wsd: {
      const double total = double(total_steps), begun = warmup * total, left = total - double(step);
      const double rise = begun > 0 ? double(step + 1) / begun : 1,
                   fall = decay > 0 ? left / (decay * total) : 1;
      return std::min({1.0, rise, fall});
    }
    case Kind::constant:
      break;
  }
  return 1;
}

}  // namespace pnn::train
