// The device of a training in situ: controls are set, signals are sent, calls are counted. No derivative.
#pragma once

#include <cstdint>

#include "pnn/device/device.hpp"
#include "pnn/network/network.hpp"

namespace pnn::train {

class Laboratory : public network::PhysicalRunner {
 public:
  /// `calls` that earlier parts of the same training made: the device's clock goes on from there, so that a
  /// resumed training meets the same noise.
  Laboratory(device::Device& device, device::Conditions conditions, std::uint64_t calls);

  /// Flat controls of all physical layers in order.
  void set_controls(std::span<const float> controls);
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override;
  /// What a control of this layer may be on the device.
  [[nodiscard]] const device::LayerPort& port(std::size_t layer) const { return device_.layers().at(layer); }
  /// Calls of the whole training.
  [[nodiscard]] std::uint64_t calls() const { return before_ + device_.calls() - first_; }

 private:
  device::Device& device_;
  std::uint64_t before_, first_;
};

}  // namespace pnn::train
