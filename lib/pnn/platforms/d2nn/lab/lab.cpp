#include "pnn/platforms/d2nn/lab/lab.hpp"

#include "pnn/platforms/d2nn/platform.hpp"

namespace pnn::platforms::d2nn::lab {
namespace {

class Laboratory final : public PlatformLab {
 public:
  [[nodiscard]] const Platform& platform() const override { return hardware(); }
};

}  // namespace

const PlatformLab& laboratory() {
  static const Laboratory one;
  return one;
}

}  // namespace pnn::platforms::d2nn::lab
