// The controls of a network in the units of a driver: volts, milliwatts, amperes or codes in place of the
// currents or phases of its ports.
#pragma once

#include <string>
#include <vector>

#include "pnn/device/protocol.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace pnn::study {

/// For each layer of the offer whose unit is not that of its port the conversion through the nominal values
/// of the process (PlatformLab::stated_control); empty ones for the others, and where the platform knows no
/// way. `notes` gets a sentence on each conversion. There may be more layers in the offer than plans, or
/// fewer.
std::vector<device::ControlConversion> control_conversions(const device::Offer& offer,
                                                           const std::vector<platform::AnyPlan>& plans,
                                                           const platform::Process& process,
                                                           std::vector<std::string>& notes);

}  // namespace pnn::study
