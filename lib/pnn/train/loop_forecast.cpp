#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/network/generate.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/extent.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::train {
namespace {

using Clock = Rehearsal::Clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Time of one call of `work`, s: of the second and later ones, where they are short.
template <class Work>
double seconds_of(const Work& work) {
  constexpr double enough_s = 0.1;
  Clock::time_point start = Clock::now();
  work();
  const double first = seconds_since(start);  // also prepares memory and caches
  if (first > enough_s) return first;
  start = Clock::now();
  int rounds = 0;
  do work(), ++rounds;
  while (seconds_since(start) < enough_s);
  return seconds_since(start) / rounds;
}

/// Time of one evaluation of a split on the model, s; of a large one by some of its samples.
double seconds_of_split(const TrainInput& in, const network::Parameters<float>& parameters,
                        const network::SplitView& all) {
  const Index count = std::min(all.size(), 2 * network::evaluation_batch * Index(threads()));
  if (count == 0) return 0;
  const network::Task task = in.settings.task;
  const network::SplitView some = network::first_samples(all, count);
  std::optional<network::LatentSplit> latents;
  if (task == network::Task::generate) latents.emplace(network::latent_split(some, in.network.input.size()));
  const network::SplitView shown = latents ? network::SplitView(*latents) : some;
  return seconds_of([&] { static_cast<void>(network::evaluate(in.network, parameters, shown, task)); }) *
         double(all.size()) / double(count);
}

/// Time of what stands at the end of an epoch that is evaluated, s: the matrices of the controls, and both
/// splits (which a device computes in situ: its time is that of its calls).
double seconds_of_evaluation(const TrainInput& in, const Params& params) {
  const auto maps = model::make_maps<float>(in.model, in.model_index);
  std::vector<Matrix<float>> weights;
  for (const auto& map : maps) weights.emplace_back(map->rows(), map->cols());
  const double matrices = seconds_of([&] {
    for (std::size_t k = 0; k < maps.size(); ++k)
      maps[k]->evaluate({params.controls[k].values.data, {}, 0}, view(weights[k]));
  });
  if (in.device != nullptr) return matrices;
  std::vector<float> digital, state;
  flat_digital(params, in.network, digital, state);
  const network::Parameters<float> parameters{weights, digital, state};
  return matrices + seconds_of_split(in, parameters, in.data.validation) +
         seconds_of_split(in, parameters, in.data.test);
}

std::uint64_t trained_parameters(const TrainInput& in) {
  std::uint64_t count = std::uint64_t(network::digital_layout(in.network).trained_size);
  for (const platform::LayerPlan& plan : in.network.plans()) count += std::uint64_t(plan.controls());
  return count;
}

/// Batches that an evaluation of both splits shows to a device.
std::uint64_t evaluation_batches(const TrainInput& in) {
  const auto batches = [](const network::SplitView& split) {
    return std::uint64_t((split.size() + network::evaluation_batch - 1) / network::evaluation_batch);
  };
  return batches(in.data.validation) + batches(in.data.test);
}

/// Batches that pass the device, in steps and in evaluations between epochs; each is a call a layer.
std::uint64_t device_passes(const TrainInput& in, const Cost& cost, std::uint64_t evaluations) {
  return cost.gradients + cost.evaluations + evaluations * evaluation_batches(in);
}

}  // namespace

Forecast forecast(const TrainInput& in, const Progress& progress, const SaveProbe& save) {
  const Extent extent = training_extent(in.settings, in.network, std::size_t(in.data.train.size()));
  const std::uint64_t first = in.resume != nullptr ? in.resume->optimizer.step : 0;
  const std::uint64_t steps = extent.total_steps - first;
  Cost cost = Estimator::cost_of_steps(in.settings, first, extent.total_steps, trained_parameters(in));

  // Only steps are timed here, since evaluations between epochs are timed separately; and one step more than
  // the training has, so that even a short training stops unfinished, with everything that a checkpoint
  // contains.
  TrainSettings settings = in.settings;
  settings.length.evaluate_every = settings.length.checkpoint_every = std::numeric_limits<int>::max();
  settings.length.steps = extent.total_steps + 1;
  settings.length.budget = settings.length.budget_epochs = 0;
  const TrainInput rehearsed{in.network, in.model,   in.model_index, in.data,   settings,
                             in.seed,    in.initial, in.resume,      in.device, in.conditions};
  Rehearsal rehearsal(progress, 1, std::max<std::uint64_t>(steps, 1));
  std::optional<Params> state;
  try {
    state = train(rehearsed, rehearsal, [&](const Params& params) { state = params; });
  } catch (const Interrupted&) {
    if (progress.stop_requested()) throw Interrupted("interrupted; a dry run writes nothing");
  }

  if (steps > 0) cost.evaluations += evaluations_at_end(in.settings, in.network);

  const double first_s = rehearsal.seconds_first(), each_s = rehearsal.seconds_each();

  const auto epochs_between = [&](int every) {
    const std::uint64_t each = extent.steps_per_epoch * std::uint64_t(every);
    return extent.total_steps / each - first / each;
  };
  // the last step is always evaluated, and never counted as a checkpoint
  const auto is_end_of = [&](int every) {
    return extent.total_steps % (extent.steps_per_epoch * std::uint64_t(every)) == 0;
  };
  std::uint64_t evaluations = 0, checkpoints = 0;
  if (steps > 0) {
    evaluations = epochs_between(in.settings.length.evaluate_every) +
                  (is_end_of(in.settings.length.evaluate_every) ? 0 : 1);
    checkpoints = epochs_between(in.settings.length.checkpoint_every) -
                  (is_end_of(in.settings.length.checkpoint_every) ? 1 : 0);
  }

  Forecast f;
  f.seconds = steps > 0 ? first_s + double(steps - 1) * each_s : 0;
  f.seconds += double(evaluations) * seconds_of_evaluation(in, *state);
  std::uint64_t passes = 0;
  if (in.device != nullptr && steps > 0) {
    passes = device_passes(in, cost, evaluations);
    const double in_steps = double(cost.gradients + cost.evaluations) / double(steps);
    f.seconds += double(evaluations * evaluation_batches(in)) * each_s / in_steps;
  }
  Saving checkpoint;
  if (save) {
    // the first one also prepares memory and the disk's caches
    const auto saving_of = [&](const Params& params) {
      constexpr double short_s = 0.2;
      const Saving once = save(params);
      if (once.seconds > short_s) return once;
      const Saving again = save(params);
      return again.seconds < once.seconds ? again : once;
    };
    if (checkpoints > 0) checkpoint = saving_of(*state);
    // a finished state has no moments, so that the final file is smaller than a checkpoint
    Params last = *state;
    last.optimizer.moments.clear();
    last.optimizer.finished = true;
    f.seconds += double(checkpoints) * checkpoint.seconds + saving_of(last).seconds;
  }
  f.counts = {{"steps", steps},
              {"gradient evaluations", cost.gradients},
              {"loss evaluations", cost.evaluations},
              {"device calls", passes * in.network.plans().size()},
              {"evaluations of validation and test", evaluations},
              {"checkpoints", checkpoints},
              {"bytes of checkpoints", checkpoints * checkpoint.bytes}};
  f.rehearsed = rehearsal.units();
  f.unit = "steps";
  return f;
}

}  // namespace pnn::train
