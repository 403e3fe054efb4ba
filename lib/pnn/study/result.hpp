// The result of evaluations: accuracy and loss over methods, perturbation axes, devices and repeats.
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

/// accuracy, loss, frechet, diverged, overflowed and the heaters' numbers have the shape [method, axes…,
/// device, repeat]. The result of a shard has NaN in the cells of other shards.
struct Result {
  std::string tool;  ///< "pnn-perturb"
  network::Task task = network::Task::classify;
  std::string network, dataset;      ///< a description in one line each
  std::vector<std::string> methods;  ///< labels, one for each set of parameters
  std::vector<Axis> axes;            ///< perturbation axes, may be none
  std::vector<std::string> devices;  ///< "model", "0", "1", …
  std::size_t repeats = 1;
  Array<double> accuracy;  ///< fraction 0…1 (classify); empty for other tasks
  Array<double> loss;
  Array<double>
      frechet;  ///< squared Fréchet distance of the outputs to the pictures; empty without a classifier
  Array<double> diverged;  ///< 1 if the fine-tuning on the device diverged and was undone, otherwise 0; empty
                           ///< without fine-tuning
  /// 1 if the network's signals or its loss were not finite, so that the cell was evaluated but has no
  /// numbers (NaN), otherwise 0. Empty if there is no such cell.
  Array<double> overflowed;
  /// [method, axes…, device, repeat, sample, output]: the outputs for the first samples; may be empty.
  Array<float> outputs;
  Array<float> pictures;  ///< [sample, channel, height, width]: their pictures; empty if outputs is
  std::vector<std::string> classes;
  Array<double>
      confusion;  ///< [method, true class, predicted class]: counts over all other axes; may be empty
  /// Heater power of the controls that were set, at the nominal values of the hardware: mean over the time of
  /// a sample, largest at any moment, and energy for a sample. May be empty; [method] in files before 1.3.
  Array<double> power_mean_mw, power_largest_mw, energy_uj;
  Array<double> eigenvalues;  ///< [method, number] of the Hessian, in falling order; may be empty
  Array<double> trace;        ///< [method, probe] estimates of the Hessian's trace; may be empty
  std::vector<Histogram> histograms;
  std::size_t images = 0;             ///< number of samples in each evaluation
  std::size_t shard = 0, shards = 1;  ///< which part of the study this is
};

/// The arrays with a number for each evaluation, NaN where it was not made.
inline constexpr Array<double> Result::*evaluated[] = {
    &Result::loss,          &Result::accuracy,         &Result::frechet,  &Result::diverged,
    &Result::power_mean_mw, &Result::power_largest_mw, &Result::energy_uj};

}  // namespace pnn::study
