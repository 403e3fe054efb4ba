// The device of a training in situ: sets controls, sends signals and counts calls.
#pragma once

#include <cstdint>

#include "pnn/device/device.hpp"
#include "pnn/network/network.hpp"

namespace pnn::train {

/// Runs the physical layers of a network on a device.
class Laboratory : public network::PhysicalRunner {
 public:
  /// Imposes the conditions. `calls` is the number of calls that earlier parts of the same training made; the
  /// device's clock continues from there, so that a resumed training sees the same noise.
  Laboratory(device::Device& device, device::Conditions conditions, std::uint64_t calls);

  /// Sets the controls of all physical layers, in order, from one flat vector.
  void set_controls(std::span<const float> controls);
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override;
  /// The port of a layer, with the range of its controls on the device.
  [[nodiscard]] const device::LayerPort& port(std::size_t layer) const { return device_.layers().at(layer); }
  /// The number of calls of the whole training.
  [[nodiscard]] std::uint64_t calls() const { return before_ + device_.calls() - first_; }

 private:
  device::Device& device_;
  std::uint64_t before_, first_;
};

}  // namespace pnn::train
