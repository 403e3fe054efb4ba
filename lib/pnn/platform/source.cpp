#include "pnn/platform/source.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"

namespace pnn::platform {

void drive(const Source& source, std::span<const float> requested, std::span<float> driven) {
  require(requested.size() == driven.size(), "a source drives as many controls as are asked for");
  const double range = source.upper - source.lower, steps = std::exp2(source.bits) - 1;
  for (std::size_t k = 0; k < requested.size(); ++k) {
    double value = double(requested[k]);
    if (source.bits > 0) {
      value = source.lower + std::nearbyint((value - source.lower) / range * steps) / steps * range;
    }
    driven[k] = float(std::clamp(value, source.lower, source.upper));
  }
}

std::uint64_t project(std::span<float> controls, double lower, double upper, bool angles) {
  const auto low = float(lower), high = float(upper);
  std::uint64_t held = 0;
  for (float& control : controls) {
    if (control >= low && control <= high) continue;
    if (angles) control = float(wrap_phase(double(control)));
    const float inside = std::clamp(control, low, high);
    held += inside != control ? 1 : 0;
    control = inside;
  }
  return held;
}

}  // namespace pnn::platform
