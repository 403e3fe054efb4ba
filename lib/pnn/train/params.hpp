// What a training makes: control parameters, digital parameters, history, and what is needed to go on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::train {

/// A named block of numbers.
struct Tensor {
  std::string name;  ///< "mrr1" for controls; "batchnorm1/scale" for digital ones
  std::string unit;  ///< "mA", "1"
  std::string description;
  Array<float> values;
};

/// One row an epoch.
struct History {
  std::vector<double> epoch, loss, train_accuracy, validation_accuracy, test_accuracy, gradients,
      device_calls;
  std::vector<double> rms_control;  ///< rms over controls, mA
};

/// Where a training stands: in checkpoints all of it, in a finished file the counts alone.
struct OptimizerState {
  std::uint64_t step = 0;       ///< updates done
  std::uint64_t gradients = 0;  ///< gradient evaluations (one forward and backward pass over a batch)
  std::uint64_t evaluations =
      0;  ///< loss evaluations (a forward pass alone; a third of a gradient in the budget)
  std::uint64_t device_calls = 0;
  std::uint64_t epoch_correct = 0, epoch_samples = 0;  ///< of the epoch under way
  double epoch_loss = 0;                               ///< sum over its samples
  bool finished = false;
  std::vector<Tensor> moments;  ///< "controls/m", "digital/v", "ascent/controls", …; flat
};

struct Params {
  network::NetworkSpec network;
  platform::Process process;     ///< of the model that it was trained on
  std::string method;            ///< "sat"
  std::string label;             ///< name in tables; the method unless --label says otherwise
  std::string task;              ///< classify | reconstruct | generate
  std::vector<Tensor> controls;  ///< one a physical layer, in its plan's shape
  std::vector<Tensor> digital;
  std::vector<Tensor> weights;  ///< what the model makes of the controls (for --map weights)
  History history;
  OptimizerState optimizer;
};

/// Of all its tensors: about what its file takes.
inline std::uint64_t bytes_of(const Params& params) {
  std::uint64_t numbers = 0;
  for (const auto* tensors : {&params.controls, &params.digital, &params.weights, &params.optimizer.moments})
    for (const Tensor& tensor : *tensors) numbers += tensor.values.size();
  return numbers * sizeof(float);
}

}  // namespace pnn::train
