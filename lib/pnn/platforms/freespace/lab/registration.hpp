// Measures the alignment of a free-space layer: targets on display and modulator, read by its camera.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::freespace::lab {

/// Number of readings for the registration of layer `layer`: one for each target and cell.
std::uint64_t registration_readings(const device::Device& device, std::size_t layer);

/// The readings of every target (targets.hpp) in every cell, [1, 1, 1, target · cell]: the mean over the
/// outputs in that cell and over `averages`, with its standard error; NaN in cells without an output. The
/// control is the number of the reading. `take` is called for the readings of each target. Throws DeviceError
/// for an output that is not finite.
ChipCurves measure_targets(device::Device& device, std::size_t layer, const CharacterizeSettings& settings,
                           const Take& take);

}  // namespace pnn::platforms::freespace::lab
