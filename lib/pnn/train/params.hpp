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
  std::vector<double> epoch, loss, train_accuracy, validation_accuracy, test_accuracy, gradients, device_calls;
  std::vector<double> rms_control;  ///< rms over controls, mA
};

/// Optimiser state, only in checkpoints and in files that --resume may continue.
struct OptimizerState {
  std::uint64_t step = 0, gradients = 0, device_calls = 0;
  bool finished = false;
  std::vector<Tensor> moments;  ///< "controls/mrr1/m", "digital/gain1/v", "ascent/…"
  bool operator==(const OptimizerState&) const = delete;
};

struct Params {
  network::NetworkSpec network;
  platform::MrrProcess process;  ///< of the model that it was trained on
  std::string method;            ///< "sat"
  std::string label;             ///< name in tables; the method unless --label says otherwise
  std::string task;              ///< classify | reconstruct
  std::vector<Tensor> controls;  ///< one a physical layer, [out, in]
  std::vector<Tensor> digital;
  std::vector<Tensor> weights;   ///< what the model makes of the controls, [out, in] (for --map weights)
  History history;
  OptimizerState optimizer;
};

}  // namespace pnn::train
