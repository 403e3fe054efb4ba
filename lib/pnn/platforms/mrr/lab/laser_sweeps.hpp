// Sweeps the wavelengths of a device's lasers over the resonances of its rings, cold and with one heater on.
#pragma once

#include <memory>
#include <vector>

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mrr::lab {

/// The laser sweeps of a device's chips of rings, as a balanced detector of each row sees them.
///
/// The channels of a row are `spacing` apart, so that lasers which all move by half of it to either side
/// cover the row's whole comb; two orders are swept, one free spectral range of the process apart, and the
/// laser at the end takes what the comb leaves of it. The sweep of a row is that of a bus, and carries the
/// wavelengths of its lasers. Where rings act on their own channel alone (mrr.reach 0), each laser sweeps
/// both orders by itself, and each ring is a bus of its own. Then one heater after the other is driven, in
/// equal steps of power, while all others are parked at the lowest current; its row is swept again.
///
/// Rings that no layer uses are left out. Throws UsageError for a step of more than a third of the rings'
/// width, with which a resonance could not be fitted.
std::vector<std::unique_ptr<Measurement>> laser_sweeps(device::Device& device,
                                                       const CharacterizeSettings& settings);

}  // namespace pnn::platforms::mrr::lab
