#include "pnn/platforms/d2nn/lab/lab.hpp"

#include "pnn/platforms/d2nn/platform.hpp"

namespace pnn::platforms::d2nn::lab {
namespace {

class Laboratory final : public PlatformLab {
 public:
  [[nodiscard]] const Platform& platform() const override { return hardware(); }
  [[nodiscard]] std::vector<study::Frame> frames(const platform::LayerPlan& layer) const override {
    const Plan& plan = *masks_of(layer);
    std::vector<study::Frame> all;
    for (Index mask = 0; mask < plan.masks(); ++mask) {
      study::Frame& frame = all.emplace_back();
      frame.name = "mask" + std::to_string(mask);
      frame.width = std::size_t(plan.plane.width), frame.height = std::size_t(plan.plane.height);
      for (Index pixel = 0; pixel < plan.plane.pixels(); ++pixel)
        frame.control.push_back(mask * plan.plane.pixels() + pixel);
    }
    return all;
  }
};

}  // namespace

const PlatformLab& laboratory() {
  static const Laboratory one;
  return one;
}

}  // namespace pnn::platforms::d2nn::lab
