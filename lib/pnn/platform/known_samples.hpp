// Samples that many devices see: what one of them has found out of a sample, the others need not.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

class LayerPlan;

/// The samples of one data set, [sample, input], all finite, which stay as they are for as long as this
/// object lives. Several threads may use it at once.
class KnownSamples {
 public:
  explicit KnownSamples(ConstMatrixView<float> samples)
      : begin_(samples.data()), rows_(samples.rows()), cols_(samples.cols()), sizes_(std::size_t(rows_)) {
    for (std::atomic<double>& size : sizes_) size = std::numeric_limits<double>::quiet_NaN();
  }

  /// Whether `some` are samples of these.
  [[nodiscard]] bool contain(const ConstMatrixView<float>& some) const {
    const std::less_equal<> before;  // of pointers into different arrays
    return some.cols() == cols_ && before(begin_, some.data()) &&
           before(some.data() + some.size(), begin_ + rows_ * cols_) && (some.data() - begin_) % cols_ == 0;
  }
  /// Of the first of `some`, and those behind it: the size of each sample as the read-out noise of `plan` has
  /// it (readout.hpp), NaN until somebody has found it. Null if these are others, or were first asked for by
  /// the plan of another layer.
  [[nodiscard]] std::atomic<double>* sizes(const ConstMatrixView<float>& some, const LayerPlan& plan) {
    if (!contain(some)) return nullptr;
    const LayerPlan* first = nullptr;
    if (!plan_.compare_exchange_strong(first, &plan) && first != &plan) return nullptr;
    return sizes_.data() + (some.data() - begin_) / cols_;
  }

 private:
  const float* begin_;
  Index rows_, cols_;
  std::vector<std::atomic<double>> sizes_;
  std::atomic<const LayerPlan*> plan_{nullptr};
};

}  // namespace pnn::platform
