// Checks of the numbers that are sent to a device and read from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pnn/core/matrix.hpp"
#include "pnn/device/device.hpp"

namespace pnn::device {

/// The largest magnitude of a reading. An overloaded instrument answers 9.9e37, and 9.91e37 for "not a
/// number" (SCPI, volume 1, 7.2.1.4 and 7.2.1.5). That is no measurement, and its square is infinite in
/// float.
inline constexpr float largest_reading = 1e30F;

/// Throws DivergenceError if a control of `layer` is not finite.
void check_controls(const std::string& layer, std::span<const float> controls);
/// Throws DivergenceError if an input of `layer` is not finite, because signals of earlier layers overflowed.
void check_inputs(const std::string& layer, ConstMatrixView<float> inputs);
/// Throws DeviceError if an output of `layer` is not finite or exceeds largest_reading in magnitude.
void check_outputs(const std::string& layer, std::span<const float> outputs);
/// The same for the reading of a sensor.
void check_reading(std::string_view sensor, double value);

}  // namespace pnn::device
