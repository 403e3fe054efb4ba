#include "pnn/platform/readout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/simd.hpp"
#include "pnn/core/threads.hpp"

namespace pnn::platform {

namespace {

/// The smallest and the largest of at least one value.
std::pair<float, float> ends(std::span<const float> x) {
  using P = Pack<float>;
  constexpr std::size_t size = P::size;
  const auto of_values = [](const float* values, std::size_t count) {
    float low = values[0], high = values[0];
    for (std::size_t k = 1; k < count; ++k) {
      low = std::min(low, values[k]);
      high = std::max(high, values[k]);
    }
    return std::pair(low, high);
  };
  if (x.size() < size) return of_values(x.data(), x.size());
  P low = P::load(x.data()), high = low;
  const auto take = [&](std::size_t k) {
    const P next = P::load(x.data() + k);
    low.lanes = next.lanes < low.lanes ? next.lanes : low.lanes;
    high.lanes = next.lanes > high.lanes ? next.lanes : high.lanes;
  };
  for (std::size_t k = size; k + size <= x.size(); k += size) take(k);
  take(x.size() - size);  // once more what the last pack shares with the one before
  std::array<float, size> lows, highs;
  low.store(lows.data());
  high.store(highs.data());
  return {of_values(lows.data(), size).first, of_values(highs.data(), size).second};
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
