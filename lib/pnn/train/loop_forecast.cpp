#include <chrono>
#include <limits>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/network/generate.hpp"
#include "pnn/train/estimator.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::train {
namespace {

/// Time that one sample takes in an evaluation between epochs, s; as many at once as there are threads.
double seconds_per_sample(const TrainInput& in, const Params& params) {
  const network::Split& all = in.data.test.size() > 0 ? in.data.test : in.data.validation;
  const Index count = std::min(all.size(), network::evaluation_batch * Index(threads()));
  if (count == 0) return 0;
  const network::Task task = parse_task(in.settings.task);
  network::Split some{all.x.topRows(count), {all.y.begin(), all.y.begin() + count}};
  if (task == network::Task::generate) some = network::latent_split(some, in.network.input.size());
  std::vector<Matrix<float>> weights;
  for (const Tensor& t : params.weights) {
    weights.emplace_back(
        ConstMatrixView<float>(t.values.data.data(), Index(t.values.dim(0)), Index(t.values.dim(1))));
  }
  std::vector<float> digital, state;
  flat_digital(params, in.network, digital, state);
  const auto start = Rehearsal::Clock::now();
  static_cast<void>(network::evaluate(in.network, {weights, digital, state}, some, task));
  return std::chrono::duration<double>(Rehearsal::Clock::now() - start).count() / double(count);
}

std::uint64_t trained_parameters(const TrainInput& in) {
  std::uint64_t count = std::uint64_t(network::digital_layout(in.network).trained_size);
  for (const platform::LayerPlan& plan : in.network.plans()) count += std::uint64_t(plan.controls());
  return count;
}

/// One call a physical layer for each batch that passes the device, in steps and in evaluations between
/// epochs.
std::uint64_t device_calls(const TrainInput& in, const Cost& cost, std::uint64_t evaluations) {
  const auto batches = [](const network::Split& split) {
    return std::uint64_t((split.size() + network::evaluation_batch - 1) / network::evaluation_batch);
  };
  const std::uint64_t passes =
      cost.gradients + cost.evaluations + evaluations * (batches(in.data.validation) + batches(in.data.test));
  return passes * in.network.plans().size();
}

}  // namespace

Forecast forecast(const TrainInput& in, const Progress& progress) {
  const Extent extent = training_extent(in.settings, std::size_t(in.data.train.size()));
  const std::uint64_t first = in.resume != nullptr ? in.resume->optimizer.step : 0;
  const Cost cost = Estimator::cost_of_steps(in.settings, first, extent.total_steps, trained_parameters(in));

  // Steps alone are timed: no evaluation between epochs, which is timed by itself.
  TrainSettings settings = in.settings;
  settings.evaluate_every = settings.checkpoint_every = std::numeric_limits<int>::max();
  const TrainInput rehearsed{in.network, in.model,   in.model_index, in.data,   settings,
                             in.seed,    in.initial, in.resume,      in.device, in.conditions};
  Rehearsal rehearsal(progress);
  std::optional<Params> state;
  try {
    state = train(rehearsed, rehearsal, [&](const Params& params) { state = params; });
  } catch (const Interrupted&) {
    if (progress.stop_requested()) throw Interrupted("interrupted; a dry run writes nothing");
  }
  const double each = rehearsal.seconds_each();

  const auto epochs_between = [&](int every) {
    const std::uint64_t steps = extent.steps_per_epoch * std::uint64_t(every);
    return extent.total_steps / steps - first / steps;
  };
  // the last step is evaluated even within an epoch, and is no checkpoint even at the end of one
  const auto is_end_of = [&](int every) {
    return extent.total_steps % (extent.steps_per_epoch * std::uint64_t(every)) == 0;
  };
  const std::uint64_t evaluations =
      epochs_between(in.settings.evaluate_every) + (is_end_of(in.settings.evaluate_every) ? 0 : 1);
  const std::uint64_t checkpoints =
      epochs_between(in.settings.checkpoint_every) - (is_end_of(in.settings.checkpoint_every) ? 1 : 0);
  const double samples = double(evaluations) * double(in.data.validation.size() + in.data.test.size());

  Forecast f;
  f.counts = {{"steps", extent.total_steps - first},
              {"gradient evaluations", cost.gradients},
              {"loss evaluations", cost.evaluations},
              {"device calls", in.device != nullptr ? device_calls(in, cost, evaluations) : 0},
              {"checkpoints", checkpoints}};
  f.seconds = double(extent.total_steps - first) * each + samples * seconds_per_sample(in, *state);
  f.rehearsed = rehearsal.units();
  f.unit = "steps";
  return f;
}

}  // namespace pnn::train
