// The yield: which share of the devices reaches a level of the score (accuracy, R²), and the low end of the
// distribution over devices. The unit is a device: its number is the smallest over its repeats, and over all
// conditions where these are taken together, so that a device passes only if it passes each time. A device
// without finite numbers reaches no level. Each training is a row of its own; its devices are independent
// draws, but all trainings share them, so that numbers of several trainings are never put together.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pnn/study/result.hpp"

namespace pnn::study {

/// The number of each device [device] in training `method`, over these conditions (flat indices over the
/// axes, the last fastest): the smallest score; −∞ if one is not finite.
std::vector<double> device_scores(const Result& result, std::size_t method,
                                  std::span<const std::size_t> conditions);

/// How many of these numbers reach the level. A difference of 1e-9, which no count of samples makes, is
/// rounding.
std::size_t passing(std::span<const double> numbers, double level);

/// The p-quantile of n ≥ 1 numbers in rising order: linear between those beside 1 + p (n − 1), as NumPy and R
/// have it (type 7 of R. J. Hyndman, Y. Fan, Am. Stat. 50, 361 (1996)). NaN where these are not finite.
double quantile_of(std::span<const double> rising, double p);

/// The mean of the ⌈n/10⌉ smallest of n ≥ 1 numbers in rising order; NaN where one is not finite.
double worst_tenth_of(std::span<const double> rising);

/// Fills in the numbers of Result::yield for its levels and its confidence: for each condition, and for all
/// at once ("all"), except along an axis of the fabrication process, whose points are other devices. Leaves
/// none, and returns false, if nobody asked, or evaluations are missing (a shard). The task has a score.
bool tell_yield(Result& result);

}  // namespace pnn::study
