// One training of a search for settings, and how good it is on validation chips.
#pragma once

#include <vector>

#include "pnn/core/progress.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/study/criterion.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/study/tuning.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::study {

/// The settings of a training of which `length` (above 0, 1 is the whole) is made: its budget, or its steps,
/// are that part, and what is told in epochs (--rho-warmup, --step-every) shrinks with it, to an epoch at
/// least. Nothing is evaluated on the way. Throws UsageError where not a single step is left.
train::TrainSettings shortened(train::TrainSettings settings, double length, const train::TrainInput& base);

/// The gradient evaluations of a training on a model; a loss evaluation counts a third.
double planned_gradients(const train::TrainSettings& settings, const train::TrainInput& base);

/// `count` validation chips of a process. No fabricated device, and no chip that a training draws, has their
/// random numbers, whatever the seeds.
device::DeviceSet validation_chips(const network::Resolved& network, const platform::Process& process,
                                   std::size_t count, std::uint64_t seed);

/// The conditions that a training perturbs, from one end to the other: five values of one, three of each of
/// two, and the ends alone of more. The temperature is told as a drift.
std::vector<Axis> perturbed_conditions(const std::vector<std::string>& perturb);

/// What trained parameters are judged by.
struct Judgement {
  const network::Resolved& network;
  const network::Dataset& data;  ///< of which the validation samples are shown
  const device::DeviceSet& chips;
  std::vector<Axis> axes;  ///< conditions
  Index images = 0;        ///< number of samples; 0: all
  std::uint64_t seed = 1;  ///< of read-out noise
};
SweepInput judging_sweep(const Judgement& judgement, const train::Params& params);
/// Evaluates parameters on the validation chips: [condition, chip] scores, or losses with their sign turned
/// where the loss is the score; NaN where a network overflowed. Throws Interrupted when asked to stop.
Array<double> judge(const Judgement& judgement, const train::Params& params, Progress& progress);

}  // namespace pnn::study
