#include "pnn/train/device_runner.hpp"

namespace pnn::train {

DeviceRunner::DeviceRunner(device::Device& device) : device_(device), plans_(device::plans_of(device)) {}

void DeviceRunner::set_controls(std::span<const float> controls) {
  const auto of_layer = platform::by_layer(plans_, controls);
  for (std::size_t layer = 0; layer < of_layer.size(); ++layer) set_layer(layer, of_layer[layer]);
}

void DeviceRunner::set_layer(std::size_t layer, std::span<const float> controls) {
  device_.set_controls(layer, controls);
}

void DeviceRunner::run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) {
  device_.run(layer, inputs, outputs);
}

}  // namespace pnn::train
