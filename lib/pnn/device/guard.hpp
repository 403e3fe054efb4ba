// What stands between any program and a device: no control leaves that is outside the range of the device or
// of its owner, none moves further at once than allowed, and no number passes that is not finite.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/device/device.hpp"

namespace pnn::device {

struct GuardSettings {
  std::vector<std::string> limits;  ///< "0:4.5" for every layer, "mrr1=0:4.5" for one
  std::optional<double> slew;       ///< largest change of a control from one set of controls to the next
  void describe(Options& options);  ///< --limits, --slew
};

/// Controls that were asked for beyond the owner's limits; one tally for as many devices as one likes.
struct GuardTally {
  std::atomic<std::uint64_t> held{0};
};

/// The safe value as a number that can be sent, within the range of the device, and where its owner's range
/// holds the safe value, within that.
float safe_control(const LayerPort& own, const LayerPort& narrowed);

/// In how many equal steps all controls go from `from` to `to` when none may move further than `slew` at
/// once, in double, as the numbers are sent (float).
inline std::uint64_t slew_steps(const std::vector<float>& from, const std::vector<float>& to, double slew) {
  double furthest = 0;
  float largest = 0;
  for (std::size_t k = 0; k < from.size(); ++k) {
    furthest = std::max(furthest, std::abs(double(to[k]) - double(from[k])));
    largest = std::max({largest, std::abs(from[k]), std::abs(to[k])});
  }
  // both ends of a step are rounded, by half the distance of two floats each, as a safe value may be; and a
  // little for the division
  const double rounding = double(std::nextafter(largest, std::numeric_limits<float>::infinity())) - largest;
  return furthest + rounding <= slew ? 1
                                     : std::uint64_t(std::ceil(furthest / (slew - rounding) * (1 + 1e-9)));
}

/// Calls set(controls) for all of these steps but the last, which is `to`.
template <class Set>
void steps_between(const std::vector<float>& from, const std::vector<float>& to, double slew,
                   const Set& set) {
  const std::uint64_t steps = slew_steps(from, to, slew);
  std::vector<float> between(from.size());
  for (std::uint64_t step = 1; step < steps; ++step) {
    const double part = double(step) / double(steps);
    for (std::size_t k = 0; k < from.size(); ++k)
      between[k] = float(double(from[k]) + part * (double(to[k]) - double(from[k])));
    set(between);
  }
}

/// The device with a guard before it. Controls are projected into the range that the device declares and into
/// the limits, whichever is tighter (an angle that lies outside is first wrapped into its turn), by floats
/// that lie within; the ports of the guarded device have that range. With a slew limit the way to new
/// controls is cut into equal steps, each set in turn; it starts at the safe values, at which a device is
/// when it is opened. make_safe() is not slowed down: it is for emergencies. Throws UsageError where limits
/// name no layer, leave nothing of a range, or a slew is finer than controls are sent; DivergenceError for a
/// control or an input that is not finite, of which nothing is sent; DeviceError for an output that is no
/// reading (numbers.hpp); and Interrupted where `stop` says yes on the way to new controls.
std::unique_ptr<Device> guarded(std::unique_ptr<Device> device, const GuardSettings& settings,
                                GuardTally* tally = nullptr, std::function<bool()> stop = {});

}  // namespace pnn::device
