// By which number settings are chosen: one of the scores of validation chips under conditions.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/task.hpp"

namespace pnn::study {

/// One number of the scores of many chips, the larger the better.
struct Criterion {
  enum class Kind { mean, quantile, worst, yield };
  Kind kind = Kind::mean;
  double level = 0;  ///< of a quantile, %; of a yield the score that counts, %

  /// Of `scores` [condition, chip]: the mean; the quantile over chips of each chip's mean over conditions;
  /// the lowest of all; the share of chips that reach the level at every condition. NaN if one of them is.
  [[nodiscard]] double of(const Array<double>& scores) const;
  [[nodiscard]] std::string title() const;  ///< "5 % quantile of chips"
};

/// Reads "mean", "quantile=5", "worst" or "yield=95". Throws UsageError, also for a yield of a task whose
/// score is a loss.
Criterion parse_criterion(const std::string& text, network::Task task);

/// The mean of `scores` [condition, chip], and that over conditions for each chip.
double mean_score(const Array<double>& scores);
std::vector<double> chip_means(const Array<double>& scores);

}  // namespace pnn::study
