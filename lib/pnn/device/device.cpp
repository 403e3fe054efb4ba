#include "pnn/device/device.hpp"

#include "pnn/device/guard.hpp"

namespace pnn::device {

void Device::make_safe() {
  for (std::size_t layer = 0; layer < layers().size(); ++layer) {
    const LayerPort& port = layers()[layer];
    set_controls(layer, std::vector<float>(std::size_t(port.plan->controls()), safe_control(port, port)));
  }
}

std::vector<platform::AnyPlan> plans_of(const Device& device) {
  std::vector<platform::AnyPlan> plans;
  for (const LayerPort& port : device.layers()) plans.push_back(port.plan);
  return plans;
}

}  // namespace pnn::device
