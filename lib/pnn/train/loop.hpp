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

/// Measures the cost of saving a state, by saving it and discarding the file.
using SaveProbe = std::function<Saving(const Params&)>;

/// Estimates the cost of train(input) from its starting point or checkpoint: the numbers of steps, of
/// gradient and loss evaluations, of evaluations between epochs, and of checkpoints with their size; and the
/// total time, from about a second of steps, one evaluation and, with `save`, one checkpoint, all of which
/// are discarded. Throws what train throws, and Interrupted when `progress` asks to stop.
Forecast forecast(const TrainInput& input, const Progress& progress, const SaveProbe& save = {});

}  // namespace pnn::train
