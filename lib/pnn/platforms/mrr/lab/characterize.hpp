// Measures the tuning curves of rings, and sweeps of pairs of rings for their thermal crosstalk.
#pragma once

#include <memory>
#include <vector>

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mrr::lab {

/// The measurements of a device's chips of rings, [1, E, T, P] each with E rings, T temperatures and P
/// points. A sweep goes from the lowest control to the highest, or back, in equal steps of heater power (I²),
/// as in the measurements of the SAT paper; equal steps of current would lie too densely where a curve is
/// flat and too sparsely on the resonance. With both directions P is twice `points`, and the points have the
/// order in which they were taken. One ring is driven while all others are parked at the lowest control; its
/// column of the inputs is 1, and its row is read `averages` times in one call, which gives the mean and its
/// standard error.
///
/// If several tiles of a layer run on one chip in turn, each tile sweeps another ring, and the points of one
/// curve come from different calls as long as there are other rings to fill a call. Temperature jitter then
/// appears as noise of a curve and does not shift it. Each ring is measured through the layer with the fewest
/// column tiles (chip_coverage), since every tile adds read-out noise. Rings that no layer uses have NaN as
/// control, response and standard error.
///
/// With `crosstalk`, rings (at most 256, evenly chosen) are held in turn where their curve crosses half its
/// height on the side of lower currents, while their neighbours at one to √5 pitches are swept, those in
/// other rows if there are any, because the light of another row does not reach the ring. This is done at the
/// first temperature.
std::vector<std::unique_ptr<Measurement>> ring_sweeps(device::Device& device,
                                                      const CharacterizeSettings& settings);

}  // namespace pnn::platforms::mrr::lab
