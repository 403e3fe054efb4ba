// Measuring where the planes of a free-space layer lie: targets on display and modulator, read by its camera.
#pragma once

#include "pnn/study/characterize.hpp"

namespace pnn::study {

/// Readings that the registration of free-space layer `layer` takes: a target and cell each.
std::uint64_t registration_readings(const device::Device& device, std::size_t layer);

/// The readings of every target (freespace_targets.hpp) in every cell, [1, 1, 1, target · cell], each the
/// mean over the outputs in that cell and over `averages`, with its standard error; NaN in cells without an
/// output. The control is the number of the reading. `take` is asked for the readings of each target.
/// Throws DeviceError on an output that is not finite.
model::ChipCurves measure_targets(device::Device& device, std::size_t layer,
                                  const CharacterizeSettings& settings, const Take& take);

}  // namespace pnn::study
