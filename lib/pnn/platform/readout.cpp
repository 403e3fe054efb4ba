#include "pnn/platform/readout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platform {

namespace {

/// The smallest and the largest of at least one value.
std::pair<float, float> ends(std::span<const float> x) {
  const float* values = x.data();
  const std::size_t count = x.size();
  float low = values[0], high = values[0];
#pragma omp simd reduction(min : low) reduction(max : high)
  for (std::size_t k = 0; k < count; ++k) {
    low = values[k] < low ? values[k] : low;
    high = values[k] > high ? values[k] : high;
  }
  return {low, high};
}

}  // namespace

float largest(std::span<const float> x) {
  return std::max(0.0F, ends(x).second);
}

double size_of_reads(std::span<const float> x, double reads) {
  const auto [low, high] = ends(x);
  return double(std::max(-low, high)) * std::sqrt(reads * (low < 0 ? 2 : 1));
}

double power(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += double(v) * double(v);
  return sum;
}

bool sigma_by_size(double share, const Call& call, MatrixView<float> sigma,
                   const std::function<double(std::span<const float>)>& size_of) {
  if (share == 0 || call.inputs.size() == 0) return false;
  constexpr Index chunk = 256;  // samples
  parallel_for(chunks_of(chunk, sigma.rows()), [&](std::size_t k) {
    const Chunk c = chunk_of(k, chunk, sigma.rows());
    for (Index n = c.begin; n < c.begin + c.count; ++n) {
      double size = std::numeric_limits<double>::quiet_NaN();
      if (call.sizes != nullptr) size = call.sizes[n].load(std::memory_order_relaxed);
      if (std::isnan(size)) {
        size = size_of(sample_of(call.inputs, n));
        if (call.sizes != nullptr) call.sizes[n].store(size, std::memory_order_relaxed);
      }
      const double of_sample = share * call.full_scale * size;
      std::fill_n(sigma.data() + n * sigma.cols(), sigma.cols(), float(of_sample));
    }
  });
  return true;
}

}  // namespace pnn::platform
