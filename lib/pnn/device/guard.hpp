// The guard between a program and a device. It keeps every control inside the range of the device and the
// limits of its owner, bounds how far a control moves in one step, and lets no number pass that is not
// finite.
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

/// Declares --limits.
void describe_limits(Options& options, std::vector<std::string>& limits);

/// What the owner of a device allows.
struct GuardSettings {
  std::vector<std::string> limits;  ///< "0:4.5" for every layer, "LAYER=0:4.5" for one
  std::optional<double> slew;       ///< largest change of a control in one step; empty: no bound
  void describe(Options& options);  ///< --limits, --slew
};

/// Counts the controls that were commanded outside the owner's limits and therefore clipped. Several devices
/// may share one.
struct GuardTally {
  std::atomic<std::uint64_t> clipped{0};
};

/// The safe value of a layer as a float inside the device's range `own`, and also inside the owner's range
/// `narrowed` if that contains the safe value.
float safe_control(const LayerPort& own, const LayerPort& narrowed);

/// The number of equal steps in which all controls go from `from` to `to` if none may move further than
/// `slew` in one step, including the rounding of each step to float.
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

/// Calls set(controls) for all of these steps except the last, whose controls are `to`.
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

/// Wraps a device in a guard. Controls are clipped to the tighter of the device's declared range and the
/// limits (an angle outside is first wrapped into one turn), to floats inside the range; the ports of the
/// guarded device report that range. With a slew limit, new controls are approached in equal steps, each of
/// which is sent; the first ones start from the safe values, at which a device is when it is opened.
/// make_safe() is not slowed down, since it is for emergencies.
///
/// Throws UsageError if a limit names no layer or leaves nothing of a range, or if the slew is finer than the
/// resolution of float controls. The guarded device throws DivergenceError for a control or an input that is
/// not finite, and sends nothing of that call; DeviceError for an output that is no reading (numbers.hpp);
/// and Interrupted if `stop` returns true between two steps.
std::unique_ptr<Device> guarded(std::unique_ptr<Device> device, const GuardSettings& settings,
                                GuardTally* tally = nullptr, std::function<bool()> stop = {});

}  // namespace pnn::device
