#include "pnn/train/extent.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/train/estimator.hpp"

namespace pnn::train {

bool has_statistics(const network::Resolved& network) {
  return network::digital_layout(network).state_size > 0;
}

std::uint64_t evaluations_at_end(const TrainSettings& settings, const network::Resolved& network) {
  const bool estimates =
      settings.updates.average > 0 && settings.statistics.freeze == 0 && has_statistics(network);
  return estimates ? std::uint64_t(settings.updates.average_statistics) : 0;
}

Extent training_extent(const TrainSettings& settings, const network::Resolved& network, std::size_t samples) {
  if (samples == 0) throw InputError("the data set has no training samples");
  const std::size_t batch = std::min<std::size_t>(std::size_t(settings.updates.batch), samples);
  Extent extent;
  extent.steps_per_epoch =
      samples / batch;  // an incomplete last batch is left out; it contains other samples in every epoch
  const LengthSettings& length = settings.length;
  double budget = length.budget > 0 ? length.budget : length.budget_epochs * double(extent.steps_per_epoch);
  if (budget > 0) budget -= double(evaluations_at_end(settings, network)) / 3;
  if (budget < 0) budget = 1e-6;  // and then too small for a step
  extent.total_steps = length.steps > 0 ? length.steps
                       : budget > 0     ? std::uint64_t(budget / Estimator::cost_of_step(settings) + 1e-9)
                                        : extent.steps_per_epoch * std::uint64_t(length.epochs);
  if (extent.total_steps == 0) throw UsageError("--budget: too small for a single step");
  return extent;
}

}  // namespace pnn::train
