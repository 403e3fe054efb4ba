// Evaluations over methods, conditions, devices and repeats: what pnn-eval, pnn-transfer and pnn-perturb
// have in common. Every cell is independent, so shards and threads change nothing.
#pragma once

#include <exception>
#include <functional>

#include "pnn/core/forecast.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/guard.hpp"
#include "pnn/platform/hardware.hpp"
#include "pnn/study/deployment.hpp"
#include "pnn/study/finetune.hpp"
#include "pnn/study/frechet.hpp"
#include "pnn/study/result.hpp"

namespace pnn::study {

/// What parameters run on: devices of a set, a bench, or a model.
struct Target {
  const device::DeviceSet* devices = nullptr;
  const model::Model* model = nullptr;
  /// Opens a device of a bench, which has one open at a time: cells are evaluated one after the other.
  std::function<std::unique_ptr<device::Device>(std::size_t)> bench = {};
  device::GuardSettings guard = {};  ///< of the devices of the set; those of a bench have theirs
  device::GuardTally* tally = nullptr;
  [[nodiscard]] bool has_devices() const { return devices != nullptr || bench != nullptr; }
  std::vector<std::size_t> indices = {};  ///< devices of the set (or models of the file) to visit
  /// The device of that number behind its guard, which asks `stop` on a long way to new controls (that of a
  /// bench has its own).
  [[nodiscard]] std::unique_ptr<device::Device> open(std::size_t index,
                                                     std::function<bool()> stop = {}) const;
};

struct SweepInput {
  std::string tool = {};                          ///< name for the result
  std::vector<const train::Params*> params = {};  ///< one a method, of one network
  const network::Resolved& network;
  const network::Dataset& data;
  Target target = {};
  const model::Model* device_models = nullptr;  ///< for --map weights and fine-tuning; one, or one a device
  MapSettings mapping = {};
  FinetuneSettings finetuning = {};
  /// First slowest; "time" sets the drift along `trace`. Along a value of the process (is_of_process) the
  /// devices of the set are drawn anew, from the addresses that they had.
  std::vector<Axis> axes = {};
  Surroundings surroundings = {};  ///< of every cell; an axis overrides its name
  std::vector<double> trace_time_s = {}, trace_drift_k = {};
  std::size_t repeats = 1;
  std::size_t shard = 0, shards = 1;
  bool validation = false;                 ///< show the validation samples instead of the test samples
  Index images = 0;                        ///< samples shown; 0: all
  const FeatureSpace* features = nullptr;  ///< measures the outputs' Fréchet distance to the data's pictures
  Index outputs = 0;                       ///< samples whose outputs are kept, the first of those shown
  const Result* previous = nullptr;        ///< an unfinished result of the same sweep: its numbers are kept
  std::uint64_t seed = 1;
  std::size_t at_a_time = 65'536;  ///< cells that are listed at a time, which changes no number
};

struct SweepOutcome {
  Result result;                     ///< NaN where a cell was not reached or belongs to another shard
  bool complete = true;              ///< false when `progress` asked to stop early, or something failed
  std::exception_ptr failure = {};   ///< the RunError of a device or a fine-tuning that failed
  std::string overflow = {};         ///< what the first evaluation that gave no finite numbers met
  std::uint64_t device_calls = 0;    ///< of this call, all together
  std::uint64_t finetune_calls = 0;  ///< of them, for fine-tuning
  double largest_weight_error = 0;   ///< of --map weights, over what was mapped in this call
};

/// Evaluates the cells of this shard that `previous` lacks, in parallel; returns early, incomplete, when
/// asked to stop or when a device or a fine-tuning fails; an evaluation whose numbers are not finite is noted
/// in Result::overflowed, and the others go on. Cells are counted before anything is laid out. `save` gets
/// what is done so far every `save_every_s` seconds, or less often where it takes long. Throws InputError
/// where the data set has no such samples, or `previous` is of another sweep or shard, and UsageError where
/// there are more cells than a result can hold.
SweepOutcome sweep(const SweepInput& input, Progress& progress,
                   const std::function<void(const Result&)>& save = {}, double save_every_s = 10);

/// What sweep(input) would cost: evaluations, device calls, and the time, from about a second of evaluations
/// that are thrown away. Calls are exact but for trim "temperature", whose search takes a few more or less on
/// each device, and for grids of more than ten million cells of which shards or `previous` leave a part.
/// Throws what sweep throws, and Interrupted when `progress` asks to stop.
Forecast forecast(const SweepInput& input, const Progress& progress);

/// What the heaters take at the controls of these parameters.
platform::HeaterUse heater_use(const train::Params& params);

/// mean, standard deviation (n−1), smallest of the finite values.
struct Summary {
  double mean = 0, deviation = 0, worst = 0, best = 0;
  std::size_t count = 0;
};
Summary summarise(std::span<const double> values);

}  // namespace pnn::study
