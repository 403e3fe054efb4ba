// The training loop, in silico and in situ: batches, steps, schedules, evaluation, checkpoints. It owns no
// file.
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

struct TrainInput {
  const network::Resolved& network;
  const model::Model& model;
  std::size_t model_index = 0;  ///< device of the model file
  const network::Dataset& data;
  const TrainSettings& settings;
  std::uint64_t seed = 1;
  const Params* initial = nullptr;     ///< --init
  const Params* resume = nullptr;      ///< Params of the same settings; finished ones are the result
  device::Device* device = nullptr;    ///< of a training in situ (settings.on_device()), else null
  device::Conditions conditions = {};  ///< that the device stands in
};

/// Trains to the end, or until `progress` asks to stop: then calls `checkpoint` once more and throws
/// Interrupted. `checkpoint` is also called every checkpoint_every epochs. The result is the same bytes for
/// any number of threads and however often it was interrupted and resumed. Where the loss, a gradient,
/// statistics, digital parameters, moments or what an evaluation gives is no longer finite, or so large that
/// a next step would not be, it calls `checkpoint` with the state before that step and throws
/// DivergenceError; where a device fails, likewise and the device's error.
Params train(const TrainInput& input, Progress& progress,
             const std::function<void(const Params&)>& checkpoint);

/// Steps and epochs that the settings mean for this many training samples.
struct Extent {
  std::uint64_t steps_per_epoch = 0, total_steps = 0;
};
Extent training_extent(const TrainSettings& settings, std::size_t samples);

/// Says what saving such a state takes, for a forecast: by doing it and throwing it away.
using SaveProbe = std::function<Saving(const Params&)>;

/// What train(input) and the saving of its states would cost from where it starts: steps, gradient and loss
/// evaluations as its account will tell them, evaluations between epochs and checkpoints with their bytes;
/// and the time of it all, from about a second of steps, an evaluation and, with `save`, one checkpoint,
/// which are thrown away. Throws what train throws, and Interrupted when `progress` asks to stop.
Forecast forecast(const TrainInput& input, const Progress& progress, const SaveProbe& save = {});

}  // namespace pnn::train
