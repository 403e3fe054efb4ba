// How long a training is: steps of an epoch and of the whole, from epochs, steps or a budget.
#pragma once

#include <cstdint>

#include "pnn/network/network.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// The length of a training with these settings and this number of training samples.
struct Extent {
  std::uint64_t steps_per_epoch = 0, total_steps = 0;
};
/// Estimating the batch-norm statistics of a running mean (evaluations_at_end) is part of a budget.
Extent training_extent(const TrainSettings& settings, const network::Resolved& network, std::size_t samples);
/// The loss evaluations at the end of a training that estimate the batch-norm statistics of a running mean
/// (--average).
std::uint64_t evaluations_at_end(const TrainSettings& settings, const network::Resolved& network);
/// Whether the network has batch-norm statistics.
bool has_statistics(const network::Resolved& network);

}  // namespace pnn::train
