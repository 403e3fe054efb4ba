// Measures the fringes of a mesh layer: which currents, in which order.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mzi::lab {

/// Least range of the phases of a device of which fringes are measured; less than a turn, as drivers of
/// currents have it. With less the quadratures at which φ is measured may be out of reach.
inline constexpr double shortest_sweep_rad = 5;

/// Number of readings for the fringes of layer `layer`: shifters that show one, times points.
std::uint64_t fringe_readings(device::Device& device, std::size_t layer,
                              const CharacterizeSettings& settings);

/// The fringe of every shifter of a mesh layer against heater current, [1, control, 1, P], in the order of
/// its controls; NaN for shifters without a fringe (fringe_bench.hpp). Each sweep covers one turn of the
/// nominal shifter in `points` equal steps of heater power, the last one a step short of the turn, or the
/// range of the controls from end to end where that is less than a turn. The curve stores the current (mA),
/// while the phase of the nominal shifter at this current is commanded. θ and α come first; the fringes of θ
/// tell the quadratures at which its MZI is held for φ. `take` is called for the readings of each point of a
/// group.
ChipCurves measure_fringes(device::Device& device, std::size_t layer, const CharacterizeSettings& settings,
                           const Take& take);

}  // namespace pnn::platforms::mzi::lab
