// A device behind a driver. Private to the device room.
#pragma once

#include <memory>
#include <vector>

#include "pnn/device/connection.hpp"

namespace pnn::device {

/// Opens the device `number` of a driver, whose layers are those of `plans`, behind a guard that counts in
/// `tally`. Both references must outlive it. `conversions`: one for each layer, or none at all.
std::unique_ptr<Device> open_driven(Connection& connection, std::size_t number,
                                    std::vector<platform::AnyPlan> plans,
                                    std::vector<ControlConversion> conversions, GuardTally& tally);

}  // namespace pnn::device
