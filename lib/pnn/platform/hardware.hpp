// What surrounds the chip of a layer, whatever its platform: the source that drives its controls, what its
// inputs become on the way in, the noise of its detectors, the power of its heaters, the room that it stands
// in.
#pragma once

#include <optional>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/platform/truth.hpp"

namespace pnn::platform {

/// The source that drives a layer's controls; `bits` replaces the process's resolution.
Source source_of(const LayerPlan& plan, const Process& process, std::optional<double> bits);

/// What a layer's chip is driven with when asked for `requested`: angles are wrapped into a turn, then the
/// source rounds and limits.
void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven);

/// What the signals of one call become before the chip's matrix acts on them. A display, full at the largest
/// of them, shows x as (x)^(γ/γ₀), γ its own gamma and γ₀ the one that its drive is linearised for, and
/// nothing for what is negative; the other platforms modulate exactly. True where `shown` is filled; else the
/// inputs stand as they are.
bool modulate(const LayerPlan& plan, const Process& process, const Truth& truth,
              ConstMatrixView<float> inputs, MatrixView<float> shown);

/// One call of a layer: its map, where that stands, the signals as modulated, and what came out without
/// noise.
struct Call {
  TransferMap<float>& map;
  OperatingPoint<float> at;
  ConstMatrixView<float> inputs, outputs;
};

/// Standard deviation of the noise on each output of a call, in `sigma` [batch, outputs]; false where there
/// is none. `noise` replaces the process's read-out noise. Rings: of full scale (chip columns times the
/// largest input) a tile read, √n for the sum of n tiles. Meshes
/// and masks: of the largest output of the call. Free space: read noise of every camera pixel of a cell, and
/// shot noise of its electrons, full well being what a pixel gets of the largest input.
bool readout_sigma(const LayerPlan& plan, const Process& process, std::optional<double> noise,
                   const Call& call, MatrixView<float> sigma);

/// Heater power in mW at these controls, at nominal values: rings, all tiles counted; phase shifters, each
/// phase within a turn; modulators have no heaters.
double heater_power_mw(const LayerPlan& plan, const Process& process, std::span<const float> controls);

/// The room: what the temperature is counted from, and how it moves.
struct Climate {
  double reference_temperature_c = 22;
  double jitter_k = 0;                         ///< with a controller, 1 σ
  double walk_time_s = 600, walk_sigma_k = 0;  ///< without: Ornstein-Uhlenbeck
};
/// That of the platform of the first physical layer that has one (a package has one temperature).
Climate climate_of(const std::vector<LayerPlan>& plans, const Process& process);

}  // namespace pnn::platform
