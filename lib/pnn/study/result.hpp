// The result of evaluations: score and loss over methods, perturbation axes, devices and repeats.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/network.hpp"

namespace pnn::study {

/// An axis of a sweep.
struct Axis {
  std::string name;  ///< "temperature"
  std::string unit;  ///< "°C"
  std::string description;
  std::vector<double> values;
};

/// A histogram: how many numbers of each method fall between two edges.
struct Histogram {
  std::string name, unit, description;
  std::vector<double> edges;  ///< [bins + 1], in rising order
  Array<double> counts;       ///< [method, bin]
};

/// Which share of the devices reaches levels of the score, for each training by itself; study/yield.hpp says
/// how. A shard has levels and no numbers.
struct Yield {
  std::vector<double> levels;           ///< of the score, as 0.95; empty: nobody asked
  double confidence = 0.95;             ///< of every interval and bound
  std::vector<std::string> conditions;  ///< "drift=-1, dac-bits=4"; "all": all of them at once
  /// [method, level, condition]: the share, its two-sided interval, and the share that all dies have at
  /// least.
  Array<double> share, share_low, share_high, at_least;
  std::vector<double> probabilities;  ///< of the quantiles
  /// [method, quantile, condition]: quantiles over devices and their intervals. NaN where there are too few
  /// devices for an end of an interval, or where a device has no finite number.
  Array<double> quantile, quantile_low, quantile_high;
  /// [method, condition]: mean of the worst tenth of the devices, and the worst of them; NaN as above.
  Array<double> worst_tenth, worst;
};

/// score, loss, frechet, diverged, overflowed, the heaters' numbers and the costs of adjustments have the
/// shape [method, axes…, device, repeat]. The result of a shard has NaN in the cells of other shards.
struct Result {
  std::string tool;  ///< "pnn-perturb"
  network::Task task = network::Task::classify;
  std::string network, dataset;      ///< a description in one line each
  std::vector<std::string> methods;  ///< labels, one for each set of parameters
  std::vector<Axis> axes;            ///< perturbation axes, may be none
  std::vector<std::string> devices;  ///< "model", "0", "1", …
  std::size_t repeats = 1;
  /// [method]: what was adjusted on each device before (Adjustment::text); empty where nothing was. Where the
  /// same trainings were deployed in several ways, each way is a method of its own (deployed_label).
  std::vector<std::string> deployments;
  /// What the last adjustment before the evaluation cost: training samples shown, each time that one passes
  /// through the network, and device calls; and how often the device was adjusted until then. May be empty.
  Array<double> spent_samples, spent_calls, adjusted;
  /// The metric of the task (network/task.hpp): accuracy 0…1, R²; empty where it is the loss.
  Array<double> score;
  Array<double> loss;
  Array<double>
      frechet;  ///< squared Fréchet distance of the outputs to the pictures; empty without a classifier
  Array<double> diverged;  ///< 1 if the fine-tuning on the device diverged and was undone, otherwise 0; empty
                           ///< without fine-tuning
  /// 1 if the network's signals or its loss were not finite, so that the cell was evaluated but has no
  /// numbers (NaN), otherwise 0. Empty if there is no such cell.
  Array<double> overflowed;
  /// [method, axes…, device, repeat, sample, output]: the outputs for the first samples, those of a
  /// regression in the units of its targets; may be empty.
  Array<float> outputs;
  Array<float> pictures;  ///< [sample, channel, height, width]: their pictures; empty if outputs is
  std::vector<std::string> targets;  ///< names of what a regression learned
  /// [method, axes…, device, repeat, target] root mean squared error in the target's own unit; regress only.
  Array<double> rms_error;
  Array<float> wanted;  ///< [sample, target]: the targets of the samples of `outputs`, in their own units
  std::vector<std::string> classes;
  Array<double>
      confusion;  ///< [method, true class, predicted class]: counts over all other axes; may be empty
  /// Heater power of the controls that were set, at the nominal values of the hardware: mean over the time of
  /// a sample, largest at any moment, and energy for a sample. May be empty; [method] in files before 1.3.
  Array<double> power_mean_mw, power_largest_mw, energy_uj;
  Array<double> eigenvalues;  ///< [method, number] of the Hessian, in falling order; may be empty
  Array<double> trace;        ///< [method, probe] estimates of the Hessian's trace; may be empty
  std::vector<Histogram> histograms;
  Yield yield;
  std::size_t images = 0;             ///< number of samples in each evaluation
  std::size_t shard = 0, shards = 1;  ///< which part of the study this is
};

/// The arrays with numbers for each evaluation, NaN where it was not made.
inline constexpr Array<double> Result::*evaluated[] = {
    &Result::loss,        &Result::score,         &Result::frechet,
    &Result::diverged,    &Result::power_mean_mw, &Result::power_largest_mw,
    &Result::energy_uj,   &Result::rms_error,     &Result::spent_samples,
    &Result::spent_calls, &Result::adjusted};

/// The number that tells how good each evaluation is: the score, or the loss where that is the score.
inline const Array<double>& measure(const Result& r) {
  return network::traits_of(r.task).scored ? r.score : r.loss;
}

/// The root mean squared error of one target, in the shape of the loss.
inline Array<double> rms_error_of(const Result& r, std::size_t target) {
  Array<double> own(r.loss.shape);
  for (std::size_t k = 0; k < own.size(); ++k) own.data[k] = r.rms_error.data[k * r.targets.size() + target];
  return own;
}

}  // namespace pnn::study
