// The outcome of evaluations: accuracy and loss over methods, perturbation axes, devices and repeats.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::study {

struct Axis {
  std::string name;  ///< "temperature"
  std::string unit;  ///< "°C"
  std::string description;
  std::vector<double> values;
};

/// How many of a method's numbers fall between two edges.
struct Histogram {
  std::string name, unit, description;
  std::vector<double> edges;  ///< [bins + 1], rising
  Array<double> counts;       ///< [method, bin]
};

/// accuracy, loss, frechet, diverged: [method, axes…, device, repeat]. A shard holds NaN where another shard
/// has the number.
struct Result {
  std::string tool;                  ///< "pnn-perturb"
  std::string task = "classify";     ///< classify | reconstruct | generate
  std::string network, dataset;      ///< one line each
  std::vector<std::string> methods;  ///< labels
  std::vector<Axis> axes;            ///< perturbation axes, may be none
  std::vector<std::string> devices;  ///< "model", "0", "1", …
  std::size_t repeats = 1;
  Array<double> accuracy;  ///< fraction 0…1 (classify); empty for other tasks
  Array<double> loss;
  Array<double> frechet;   ///< squared Fréchet distance of outputs to pictures; empty without a classifier
  Array<double> diverged;  ///< 1 where the device's fine-tuning diverged and was undone; empty without one
  /// Like loss: 1 where the network's signals or its loss were not finite, so that the evaluation has no
  /// numbers (NaN) although it was made; else 0. Empty where there is none of these.
  Array<double> overflowed;
  Array<float>
      outputs;  ///< [method, axes…, device, repeat, sample, output] of the first samples; may be empty
  Array<float> pictures;  ///< [sample, channel, height, width] of these in the data set; empty with outputs
  std::vector<std::string> classes;
  Array<double> confusion;         ///< [method, true, predicted] counts, summed over the rest; may be empty
  Array<double> power_mean_mw;     ///< [method] of the heaters, over the time of a sample; may be empty
  Array<double> power_largest_mw;  ///< [method] at any moment
  Array<double> energy_uj;         ///< [method] for a sample
  Array<double> eigenvalues;       ///< [method, order] of the Hessian, falling; may be empty
  Array<double> trace;             ///< [method, probe] estimates of the Hessian's trace; may be empty
  std::vector<Histogram> histograms;
  std::size_t images = 0;             ///< evaluated each time
  std::size_t shard = 0, shards = 1;  ///< which part this is
};

}  // namespace pnn::study
