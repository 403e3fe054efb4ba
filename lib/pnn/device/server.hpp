// The other end of the driver protocol (protocol.hpp): serves devices of this program to another.
#pragma once

#include <functional>
#include <memory>

#include "pnn/device/device.hpp"
#include "pnn/device/protocol.hpp"

namespace pnn::device {

/// Answers what comes in over `input` on `output` until bye, the end of the input, a message that cannot be
/// read (BrokenChannel), or two seconds of silence after `stop` said yes. `open` makes the device of a number
/// anew; the one before is then gone, and the last one has been made safe at the end. What a device throws is
/// the answer.
void serve(const Offer& offer, const std::function<std::unique_ptr<Device>(std::size_t)>& open, int input,
           int output, const std::function<bool()>& stop);

}  // namespace pnn::device
