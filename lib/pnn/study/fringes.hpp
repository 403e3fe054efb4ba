// Measuring the fringes of a mesh layer: which currents, in which order.
#pragma once

#include "pnn/study/bench.hpp"
#include "pnn/study/characterize.hpp"

namespace pnn::study {

/// Readings that the fringes of mesh layer `layer` take: shifters that show one, times points.
std::uint64_t fringe_readings(device::Device& device, std::size_t layer,
                              const CharacterizeSettings& settings);

/// Fringes of every shifter of a mesh layer against heater current, [1, control, 1, P], in the order of its
/// controls; NaN for those that show none (fringe_bench.hpp). Each sweep covers one turn of the nominal
/// shifter in `points` equal steps of heater power, the last a step short of the turn: the current (mA) is
/// what stands in the curve, and what is commanded is the phase that the nominal shifter has at it. θ and α
/// come first; θ's fringes say where its quadratures are, at which it is held for φ. `take` is asked for
/// the readings of each point of a group.
model::ChipCurves measure_fringes(device::Device& device, std::size_t layer,
                                  const CharacterizeSettings& settings, const Take& take);

}  // namespace pnn::study
