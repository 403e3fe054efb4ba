// What stands between any program and a device: no control leaves that is outside the range of the device or
// of its owner, and none moves further at once than allowed.
#pragma once

#include <atomic>
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

/// The device with a guard before it. Controls are projected into the range that the device declares and into
/// the limits, whichever is tighter (an angle that lies outside is first wrapped into its turn); the ports of
/// the guarded device have that range. With a slew limit the way to new controls is cut into equal steps,
/// each set in turn; it starts at the safe values, at which a device is when it is opened. make_safe() is not
/// slowed down. Throws UsageError where limits name no layer, or leave nothing of a range, and RunError for a
/// control that is not finite.
std::unique_ptr<Device> guarded(std::unique_ptr<Device> device, const GuardSettings& settings,
                                GuardTally* tally = nullptr);

}  // namespace pnn::device
