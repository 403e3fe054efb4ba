// What surrounds the chip of a layer, whatever its platform: the source that drives its controls, the noise
// of its detectors, the power of its heaters, the room that it stands in.
#pragma once

#include <optional>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::platform {

/// The source that drives a layer's controls; `bits` replaces the process's resolution.
Source source_of(const LayerPlan& plan, const Process& process, std::optional<double> bits);

/// What a layer's chip is driven with when asked for `requested`: angles are wrapped into a turn, then the
/// source rounds and limits.
void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven);

/// Standard deviation of the noise on each output of one call. `noise` replaces the process's. Rings: of full
/// scale (chip columns times the largest input) a tile read, √n for the sum of n tiles. Meshes: of the
/// largest output of the call.
double readout_sigma(const LayerPlan& plan, const Process& process, std::optional<double> noise,
                     ConstMatrixView<float> inputs, ConstMatrixView<float> outputs);

/// Heater power in mW at these controls, at nominal values: rings, all tiles counted; phase shifters, each
/// phase within a turn.
double heater_power_mw(const LayerPlan& plan, const Process& process, std::span<const float> controls);

/// The room: what the temperature is counted from, and how it moves.
struct Climate {
  double reference_temperature_c = 22;
  double jitter_k = 0;                         ///< with a controller, 1 σ
  double walk_time_s = 600, walk_sigma_k = 0;  ///< without: Ornstein-Uhlenbeck
};
/// That of the platform of the first physical layer (a package has one temperature).
Climate climate_of(const std::vector<LayerPlan>& plans, const Process& process);

}  // namespace pnn::platform
