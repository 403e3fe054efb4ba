#include "pnn/train/laboratory.hpp"

#include "pnn/core/errors.hpp"
#include "pnn/device/numbers.hpp"

namespace pnn::train {

Laboratory::Laboratory(device::Device& device, device::Conditions conditions, std::uint64_t calls)
    : device_(device), before_(calls), first_(device.calls()) {
  conditions.start_s += double(calls) * conditions.dt_s;
  device_.impose(conditions);
}

void Laboratory::set_controls(std::span<const float> controls) {
  std::size_t begin = 0;
  const auto& ports = device_.layers();
  for (std::size_t layer = 0; layer < ports.size(); ++layer) {
    const auto count = std::size_t(ports[layer].plan->controls());
    require(begin + count <= controls.size(), "controls of every layer of the device");
    device_.set_controls(layer, controls.subspan(begin, count));
    begin += count;
  }
}

void Laboratory::run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) {
  device_.run(layer, inputs, outputs);
  device::check_outputs(device_.layers()[layer].plan->name(), {outputs.data(), std::size_t(outputs.size())});
}

}  // namespace pnn::train
