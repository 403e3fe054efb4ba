// What does a batchnorm add to a variance, and how do its running statistics move?
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pnn::network {

/// y = scale (x − mean)/sqrt(variance + batchnorm_epsilon) + shift.
inline constexpr double batchnorm_epsilon = 1e-5;
/// The part of a batch's statistics in the running ones, which forget as much of the earlier ones.
inline constexpr double batchnorm_momentum = 0.1;

/// While one lives, passes that this thread runs with Statistics::batch_and_update leave the running
/// statistics as they are, and what these would take up is collected: for samples that other programs have a
/// part of.
class CollectedStatistics {
 public:
  explicit CollectedStatistics(std::size_t size) : size_(size), outer_(current_) { current_ = this; }
  ~CollectedStatistics() { current_ = outer_; }
  CollectedStatistics(const CollectedStatistics&) = delete;
  CollectedStatistics& operator=(const CollectedStatistics&) = delete;

  /// What was taken up, [passes, size]: running = (1 − batchnorm_momentum) running + taken_up.
  [[nodiscard]] const std::vector<double>& taken_up() const { return numbers_; }

  /// That of this thread, or null.
  static CollectedStatistics* current() { return current_; }
  /// Number `offset` of the running statistics takes up `value`; each pass begins with number 0.
  void take(std::size_t offset, double value) {
    if (offset == 0) numbers_.resize(numbers_.size() + size_);
    numbers_[numbers_.size() - size_ + offset] = value;
  }

 private:
  inline static thread_local CollectedStatistics* current_ = nullptr;
  std::size_t size_;
  CollectedStatistics* outer_;
  std::vector<double> numbers_;
};

/// Moves running statistics by what was collected [passes, size], to the bit as if the passes had moved them.
inline void move_statistics(std::span<const double> taken_up, std::span<float> state) {
  for (std::size_t k = 0; k < taken_up.size(); ++k) {
    float& running = state[k % state.size()];
    running = float((1 - batchnorm_momentum) * double(running) + taken_up[k]);
  }
}

}  // namespace pnn::network
