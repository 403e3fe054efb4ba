#include "pnn/train/part_sum.hpp"

#include <algorithm>

namespace pnn::train {

PartSum::PartSum(Ranks& ranks, std::size_t size)
    : ranks_(ranks),
      size_(size),
      slice_((size + std::size_t(ranks.size()) - 1) / std::size_t(ranks.size())),
      part_(slice_ * std::size_t(ranks.size())),
      sum_(slice_) {
  if (ranks.size() == 1) return;
  received_.resize(part_.size());
  total_.resize(part_.size());
}

void PartSum::clear() {
  std::fill(sum_.begin(), sum_.end(), 0.0F);
}

void PartSum::add(std::span<const double> weights) {
  const bool shared = ranks_.size() > 1;
  if (shared) ranks_.exchange(part_.data(), received_.data(), slice_ * sizeof(float));
  const float* from = shared ? received_.data() : part_.data();
  for (const double weight : weights) {
    const auto w = float(weight);
#pragma omp simd
    for (std::size_t k = 0; k < slice_; ++k) sum_[k] += w * from[k];
    from += slice_;
  }
}

std::span<const float> PartSum::total() {
  if (ranks_.size() == 1) return sum_;
  ranks_.gather(sum_.data(), total_.data(), slice_ * sizeof(float));
  return std::span<const float>(total_).first(size_);
}

}  // namespace pnn::train
