// One guard for the numbers that go to a device and come from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pnn/core/matrix.hpp"
#include "pnn/device/device.hpp"

namespace pnn::device {

/// No reading is larger. Instruments that are overloaded answer 9.9e37, and 9.91e37 for "not a number" (SCPI,
/// volume 1, 7.2.1.4 and 7.2.1.5): that is no measurement, and squared it is infinite.
inline constexpr float largest_reading = 1e30F;

/// Throws DivergenceError where a control of `layer` is not finite.
void check_controls(const std::string& layer, std::span<const float> controls);
/// Throws DivergenceError where an input of `layer` is not finite: what earlier layers made of their signals
/// overflowed.
void check_inputs(const std::string& layer, ConstMatrixView<float> inputs);
/// Throws DeviceError where an output of `layer` is not finite, or larger than largest_reading.
void check_outputs(const std::string& layer, std::span<const float> outputs);
/// The same for what a sensor says.
void check_reading(std::string_view sensor, double value);

}  // namespace pnn::device
