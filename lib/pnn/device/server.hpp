// The driver's end of the driver protocol (protocol.hpp): serves devices of this program to another program.
#pragma once

#include <functional>
#include <memory>

#include "pnn/device/device.hpp"
#include "pnn/device/protocol.hpp"

namespace pnn::device {

/// Reads questions from the descriptor `input` and answers on `output`, until bye, the end of the input, a
/// message that cannot be read (BrokenChannel), or two seconds of silence after `stop` has returned true.
/// `open` makes the device of a given number; the one before has then been destroyed. At the end the last
/// device has been made safe. An exception of a device is sent as the answer.
void serve(const Offer& offer, const std::function<std::unique_ptr<Device>(std::size_t)>& open, int input,
           int output, const std::function<bool()>& stop);

}  // namespace pnn::device
