#include "pnn/train/laboratory.hpp"

#include "pnn/device/numbers.hpp"

namespace pnn::train {

Laboratory::Laboratory(device::Device& device, device::Conditions conditions, std::uint64_t calls)
    : DeviceRunner(device), before_(calls), first_(device.calls()) {
  conditions.start_s += double(calls) * conditions.dt_s;
  device_.impose(conditions);
}

void Laboratory::run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) {
  DeviceRunner::run(layer, inputs, outputs);
  device::check_outputs(port(layer).plan->name(), {outputs.data(), std::size_t(outputs.size())});
}

}  // namespace pnn::train
