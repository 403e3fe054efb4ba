// Evaluations over methods, conditions, devices and repeats, for pnn-eval, pnn-transfer and pnn-perturb.
// Every cell is independent of the others, so that shards and threads do not change the result.
#pragma once

#include <exception>
#include <functional>

#include "pnn/core/forecast.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/guard.hpp"
#include "pnn/study/adjustment.hpp"
#include "pnn/study/deployment.hpp"
#include "pnn/study/finetune.hpp"
#include "pnn/study/frechet.hpp"
#include "pnn/study/result.hpp"

namespace pnn::study {

/// What the parameters run on: the devices of a set, a bench, or a model.
struct Target {
  const device::DeviceSet* devices = nullptr;  ///< virtual devices, or null
  const model::Model* model = nullptr;         ///< a model, or null
  /// Opens a device of a bench. Only one can be open at a time, so that cells are evaluated one after the
  /// other.
  std::function<std::unique_ptr<device::Device>(std::size_t)> bench = {};
  device::GuardSettings guard = {};     ///< for the devices of the set; those of a bench have their own
  device::GuardTally* tally = nullptr;  ///< counts clipped controls; may be null
  [[nodiscard]] bool has_devices() const { return devices != nullptr || bench != nullptr; }
  std::vector<std::size_t> indices = {};  ///< numbers of the devices (or of the models of a file) to evaluate
  /// The device of that number behind its guard, which asks `stop` while it moves to new controls in many
  /// steps (the guard of a bench has a question of its own).
  [[nodiscard]] std::unique_ptr<device::Device> open(std::size_t index,
                                                     std::function<bool()> stop = {}) const;
};

struct SweepInput;
/// Where controls may be in the deployment of these parameters on device `index` of the target: in the range
/// of its process, in that within which they were trained (with --map weights: in which the device's own
/// model was measured), in that in which the target's model was measured, and in what the settings allow.
/// Throws UsageError as platform::apply_limits and apply_fixed do.
std::vector<platform::ControlBounds> deployment_bounds(const SweepInput& in, const train::Params& params,
                                                       std::size_t index);
/// The same on hardware of another process.
std::vector<platform::ControlBounds> deployment_bounds(const SweepInput& in, const train::Params& params,
                                                       std::size_t index, const platform::Process& process);

/// Everything that a sweep needs.
struct SweepInput {
  std::string tool = {};                          ///< name of the tool, for the result
  std::vector<const train::Params*> params = {};  ///< all of one network
  const network::Resolved& network;
  const network::Dataset& data;
  Target target = {};
  const model::Model* device_models =
      nullptr;  ///< for --map weights and fine-tuning: one for all devices, or one for each
  MapSettings mapping = {};
  /// What is adjusted on each device. Each set of parameters is evaluated with each of them, and each is a
  /// method of the result.
  std::vector<Adjustment> adjustments = std::vector<Adjustment>(1);
  platform::BoundSettings bounds =
      {};  ///< controls that are held, and whether others may leave what was measured
  std::vector<std::string> limits = {};  ///< of the owner, as GuardSettings has them
  FinetuneSettings finetuning = {};
  /// The axes, the first slowest. "time" sets the drift of the trace (below). Along a value of the
  /// fabrication process (is_of_process) the devices of the set are sampled again, with the same addressed
  /// random numbers.
  std::vector<Axis> axes = {};
  Surroundings surroundings = {};  ///< conditions of every cell, except what an axis varies
  std::vector<double> trace_time_s = {}, trace_drift_k = {};
  std::size_t repeats = 1;
  std::size_t shard = 0, shards = 1;
  bool validation = false;  ///< use the validation samples instead of the test samples
  Index images = 0;         ///< number of samples; 0: all
  const FeatureSpace* features =
      nullptr;        ///< if not null, measures the Fréchet distance of the outputs to the pictures
  Index outputs = 0;  ///< number of samples, from the first, whose outputs are kept
  const Result* previous =
      nullptr;  ///< an unfinished result of the same sweep, whose numbers are kept, or null
  std::uint64_t seed = 1;
  /// The number of methods of the result: one for each set of parameters and each adjustment.
  [[nodiscard]] std::size_t methods() const { return params.size() * adjustments.size(); }
  [[nodiscard]] const train::Params& params_of(std::size_t method) const {
    return *params[method / adjustments.size()];
  }
  [[nodiscard]] const Adjustment& adjustment_of(std::size_t method) const {
    return adjustments[method % adjustments.size()];
  }
  [[nodiscard]] RunsOn runs_on() const { return target.has_devices() ? RunsOn::device : RunsOn::model; }
  std::size_t at_a_time = 65'536;  ///< number of cells that are listed at once; does not change the result
};

/// What a sweep returns.
struct SweepOutcome {
  Result result;                     ///< cells that were not reached or belong to another shard are NaN
  bool complete = true;              ///< false if `progress` asked to stop, or something failed
  std::exception_ptr failure = {};   ///< the RunError of a device or a fine-tuning that failed, or null
  std::string overflow = {};         ///< the message of the first evaluation without finite numbers
  std::uint64_t device_calls = 0;    ///< number of device calls of this sweep
  std::uint64_t finetune_calls = 0;  ///< those for fine-tuning
  std::uint64_t held_controls =
      0;  ///< controls at an end of their bounds, moved there or by --map weights, over what was deployed
  double largest_weight_error = 0;  ///< of --map weights, over everything that was mapped in this sweep
};

/// Evaluates the cells of this shard that `previous` does not have, in parallel. It returns early,
/// incomplete, when asked to stop or when a device or a fine-tuning fails. An evaluation without finite
/// numbers is noted in Result::overflowed, and the others continue. `save` is called with the results so far
/// every `save_every_s` seconds, or less often if it is slow (core/pace). Throws InputError if the data set
/// has no such samples or `previous` belongs to another sweep or shard, and, before it allocates memory for
/// them, UsageError if there are more cells than a result can hold.
SweepOutcome sweep(const SweepInput& input, Progress& progress,
                   const std::function<void(const Result&)>& save = {}, double save_every_s = 10);

/// Estimates the cost of sweep(input): evaluations, device calls, and the time, from about a second of
/// evaluations of each adjustment that are discarded. The number of calls is exact, except for the trim
/// "temperature", whose search takes slightly different numbers of calls on each device, and for grids of
/// more than ten million cells of which a shard or `previous` leaves a part. Throws what sweep throws, and
/// Interrupted when `progress` asks to stop.
Forecast forecast(const SweepInput& input, const Progress& progress);

}  // namespace pnn::study
