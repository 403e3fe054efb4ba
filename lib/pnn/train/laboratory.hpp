// The device of a training in situ: checks what it reads, and counts the calls of the whole training.
#pragma once

#include "pnn/train/device_runner.hpp"

namespace pnn::train {

/// Runs the physical layers of a network on a device while it is trained.
class Laboratory final : public DeviceRunner {
 public:
  /// Imposes the conditions. `calls` is the number of calls that earlier parts of the same training made; the
  /// device's clock continues from there, so that a resumed training sees the same noise.
  Laboratory(device::Device& device, device::Conditions conditions, std::uint64_t calls);

  /// Throws DeviceError if an output is no reading (device/numbers.hpp).
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override;
  /// The number of calls of the whole training.
  [[nodiscard]] std::uint64_t calls() const { return before_ + device_.calls() - first_; }

 private:
  std::uint64_t before_, first_;
};

}  // namespace pnn::train
