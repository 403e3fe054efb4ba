#include "pnn/platform/source.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

FloatRange inwards(double lower, double upper) {
  constexpr float far = std::numeric_limits<float>::max();
  FloatRange range{float(std::clamp(lower, -double(far), double(far))),
                   float(std::clamp(upper, -double(far), double(far)))};
  if (double(range.lower) < lower) range.lower = std::nextafter(range.lower, far);
  if (double(range.upper) > upper) range.upper = std::nextafter(range.upper, -far);
  return range;
}

FloatRange within(double lower, double upper, const std::string& where) {
  const FloatRange range = inwards(lower, upper);
  if (!(double(range.lower) >= lower && range.lower <= range.upper && double(range.upper) <= upper))
    throw UsageError(where + ": no number of 32 bits, as which controls are sent, lies from " +
                     format_number(lower) + " to " + format_number(upper));
  return range;
}

void drive(const Source& source, std::span<const float> requested, std::span<float> driven) {
  require(requested.size() == driven.size(), "a source drives as many controls as are asked for");
  const double range = source.upper - source.lower, steps = std::exp2(source.bits) - 1;
  const FloatRange ends = inwards(source.lower, source.upper);
  for (std::size_t k = 0; k < requested.size(); ++k) {
    double value = double(requested[k]);
    if (source.bits > 0) {
      value = source.lower + std::nearbyint((value - source.lower) / range * steps) / steps * range;
    }
    driven[k] = std::clamp(float(value), ends.lower, ends.upper);
  }
}

std::uint64_t project(std::span<float> controls, double lower, double upper, bool angles) {
  const auto [low, high] = inwards(lower, upper);
  const auto nearest_low = float(lower), nearest_high = float(upper);
  std::uint64_t held = 0;
  for (float& control : controls) {
    if (control >= low && control <= high) continue;
    if (angles) control = float(wrap_phase(double(control)));
    const float inside = std::clamp(control, low, high);
    held += control < nearest_low || control > nearest_high ? 1 : 0;
    control = inside;
  }
  return held;
}

std::uint64_t project(std::span<float> controls, const ControlBounds& bounds, bool angles) {
  if (bounds.empty()) return 0;
  require(controls.size() == bounds.lower.size(), "bounds for every control");
  std::uint64_t moved = 0;
  for (std::size_t k = 0; k < controls.size(); ++k) {
    float& control = controls[k];
    if (control >= bounds.lower[k] && control <= bounds.upper[k]) continue;
    if (angles) control = float(wrap_phase(double(control)));
    const float inside = std::clamp(control, bounds.lower[k], bounds.upper[k]);
    moved += inside != control ? 1 : 0;
    control = inside;
  }
  return moved;
}

}  // namespace pnn::platform
