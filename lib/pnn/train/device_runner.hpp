// Runs the physical layers of a network on a device, at controls that are set for all layers at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pnn/device/device.hpp"
#include "pnn/network/network.hpp"

namespace pnn::train {

/// Base of what trains or evaluates on a device. A derived class says what happens to the controls of a layer
/// before they are set, and to its outputs.
class DeviceRunner : public network::PhysicalRunner {
 public:
  explicit DeviceRunner(device::Device& device);

  /// Sets the controls of all physical layers, in order, from one flat vector.
  void set_controls(std::span<const float> controls);
  /// Noise is addressed by the time of the call.
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override;
  /// The port of a layer, with the range of its controls on the device.
  [[nodiscard]] const device::LayerPort& port(std::size_t layer) const { return device_.layers().at(layer); }

 protected:
  virtual void set_layer(std::size_t layer, std::span<const float> controls);

  device::Device& device_;

 private:
  std::vector<platform::AnyPlan> plans_;
};

}  // namespace pnn::train
