// The training loop, in silico and in situ: batches, steps, schedules, evaluations, checkpoints. It reads and
// writes no files.
#pragma once

#include <functional>

#include "pnn/core/forecast.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/train/params.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// Everything that a training needs.
struct TrainInput {
  const network::Resolved& network;
  const model::Model& model;
  std::size_t model_index = 0;  ///< number of the device within the model
  network::DatasetView data;
  const TrainSettings& settings;
  std::uint64_t seed = 1;
  const Params* initial = nullptr;  ///< parameters to start from (--init), or null
  const Params* resume =
      nullptr;  ///< a checkpoint of the same settings, or null; a finished one is returned as it is
  device::Device* device =
      nullptr;  ///< the device of a training in situ (settings.on_device()), otherwise null
  device::Conditions conditions = {};  ///< conditions that are imposed on the device
  /// Where the controls of each layer may be; empty: what model::control_bounds says.
  std::vector<platform::ControlBounds> bounds = {};
  std::vector<std::string> fixed = {};  ///< those of them that are held, as the user said it, for the record
};

/// Trains to the end and returns the parameters. Calls `checkpoint` every checkpoint_every epochs. The result
/// has the same bytes for any number of threads and of ranks() (which share the parts of each batch, stop at
/// one step and fail together; rank 0 saves), and however often the training was interrupted and resumed.
/// When `progress` asks to stop, it calls `checkpoint` once more and throws Interrupted. If the loss, a
/// gradient, batch statistics, digital parameters, the optimiser's moments or the result of an evaluation is
/// not finite, or so large that the next step would overflow, it calls `checkpoint` with the state before
/// that step and throws DivergenceError. If a device fails it does the same and throws the device's error.
Params train(const TrainInput& input, Progress& progress,
             const std::function<void(const Params&)>& checkpoint);

/// The values around which a training samples its chips, in words: "design values", or "design values, not
/// the fit (KIND)" where the model has another kind than nominal. Empty for a training that samples none.
std::string drawn_around(const TrainSettings& settings, const model::Model& model);
/// Whether a training samples chips around other values than those that its model was fitted to.
bool samples_beside_fit(const TrainSettings& settings, const model::Model& model);

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

/// Measures the cost of saving a state, by saving it and discarding the file.
using SaveProbe = std::function<Saving(const Params&)>;

/// Estimates the cost of train(input) from its starting point or checkpoint: the numbers of steps, of
/// gradient and loss evaluations, of evaluations between epochs, and of checkpoints with their size; and the
/// total time, from about a second of steps, one evaluation and, with `save`, one checkpoint, all of which
/// are discarded. Throws what train throws, and Interrupted when `progress` asks to stop.
Forecast forecast(const TrainInput& input, const Progress& progress, const SaveProbe& save = {});

}  // namespace pnn::train
