// The result of a training: controls, digital parameters, history, and the state from which it can be
// resumed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/network.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::train {

/// A named block of numbers.
struct Tensor {
  std::string name;  ///< the layer for controls; "batchnorm1/scale" for digital ones
  std::string unit;  ///< "mA", "1"
  std::string description;
  Array<float> values;
};

/// The block of this name, or null.
inline const Tensor* find(const std::vector<Tensor>& tensors, const std::string& name) {
  const auto it =
      std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  return it == tensors.end() ? nullptr : &*it;
}

/// The history of a training: one number for each epoch in every vector. Scores are those of the task
/// (network/task.hpp), that in training from the losses of the epoch.
struct History {
  std::vector<double> epoch, loss, train_score, validation_score, test_score, gradients, device_calls;
  std::vector<double> rms_control;  ///< root mean square over the controls, in their unit
  /// classify: how many classes the network gave for no sample of validation (or of the test set, if there is
  /// none), though they occur there: outputs that may have died. Empty for other tasks and in files
  /// before 1.3.
  std::vector<double> never_predicted;
};

/// The progress of a training. Checkpoints contain all of it, a finished file only the counts.
struct OptimizerState {
  std::uint64_t step = 0;       ///< updates done
  std::uint64_t gradients = 0;  ///< gradient evaluations (one forward and backward pass over a batch)
  /// Loss evaluations (forward passes alone); each counts a third of a gradient in the budget.
  std::uint64_t evaluations = 0;
  std::uint64_t device_calls = 0;
  std::uint64_t epoch_correct = 0, epoch_samples = 0;  ///< of the current epoch
  double epoch_loss = 0;                               ///< sum over the samples of the current epoch
  /// Time (s) and processor time (s) of the runs that led to a checkpoint; 0 in a finished file, which is the
  /// same bytes however long it took.
  double seconds = 0, processor_seconds = 0;
  bool finished = false;
  std::vector<Tensor> moments;  ///< "controls/m", "digital/v", "ascent/controls", …; flat
};

/// A trained network.
struct Params {
  network::NetworkSpec network;
  platform::Process process;  ///< of the model on which it was trained
  std::string method;         ///< "sat"
  std::string label;          ///< name in tables: that of --label, otherwise the method
  network::Task task = network::Task::classify;
  /// What the outputs of a regression are; else empty. They give (value − mean)/scale.
  std::vector<network::Target> targets = {};
  /// Where chips were sampled from the process: what their values scatter around (sampled_chips.hpp).
  std::string sampled_around = {};
  std::vector<Tensor> controls;  ///< one for each physical layer, in the shape of its plan
  /// One for each physical layer, or none where every control may be anywhere in the range of its source.
  std::vector<platform::ControlBounds> bounds;
  std::vector<std::string> fixed;  ///< controls that are held at a value, as BoundSettings has them
  std::vector<Tensor> digital;
  std::vector<Tensor> weights;  ///< the weights that the model computes from the controls (for --map weights)
  History history;
  OptimizerState optimizer;
};

/// The size of all tensors in bytes, which is about the size of the file.
inline std::uint64_t bytes_of(const Params& params) {
  std::uint64_t numbers = 0;
  for (const auto* tensors : {&params.controls, &params.digital, &params.weights, &params.optimizer.moments})
    for (const Tensor& tensor : *tensors) numbers += tensor.values.size();
  return numbers * sizeof(float);
}

}  // namespace pnn::train
