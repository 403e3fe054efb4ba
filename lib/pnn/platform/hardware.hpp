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
/// source rounds and limits. Whatever else is added to a control comes behind this (the order of every
/// platform: lib/README.md).
void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven);

/// What the signals of one call become before the chip's matrix acts on them. A display, full at the largest
/// input of the sample that it shows, shows x as (x)^(γ/γ₀), γ its own gamma and γ₀ the one that its drive is
/// linearised for, and nothing for what is negative; the other platforms modulate exactly. True where `shown`
/// is filled; else the inputs stand as they are.
bool modulate(const LayerPlan& plan, const Process& process, const Truth& truth,
              ConstMatrixView<float> inputs, MatrixView<float> shown);

/// What the detectors of a layer's device are set for: the largest output that a sample can have which fills
/// its modulators. It is fixed once a device, by a calibration, and no later signal changes it.
///   rings   every channel of the chip at full power: the number of its columns
///   mesh    all light of a sample, of power Σ|z|² = 1, in one output: for each output in turn the input
///           that sends most there, phases (and attenuators) at 0, at the reference temperature, losses and
///           errors of this device included; its root where a detector gives amplitudes
///   masks   a pixel of the camera when all light of a picture of ones is spread over one detector (the
///           smallest)
///   camera  a pixel that is lit by the largest input, at a transmission of 1: 1
/// `map` is that of the device; its last evaluation is forgotten.
double full_scale(const LayerPlan& plan, TransferMap<float>& map);

/// One call of a layer: its map, where that stands, the signals as modulated, and its full scale.
struct Call {
  TransferMap<float>& map;
  OperatingPoint<float> at;
  ConstMatrixView<float> inputs;
  double full_scale;
};

/// Standard deviation of the noise on each output of a call, in `sigma` [batch, outputs]; false where there
/// is none. `noise` replaces the process's read-out noise, a share of full scale.
///
/// Whoever sends a sample scales it so that it fills the modulators, and scales back what the detectors give
/// (adaptive block floating point: Basumallik et al., arXiv 2205.06287). Noise is therefore the share of
/// full_scale() times the size of the sample itself, and other samples of the call have no part in it:
///   rings   its largest |x|, √n for the sum of n tiles that are read one after the other, and √2 where
///           some x are negative: powers of light are not, so that x⁺ and x⁻ are sent one after the other
///           and subtracted, y = W x⁺ − W x⁻, for two read-outs
///   mesh    its power Σ|x|², which `normalize:power=P` makes P; the root of that where amplitudes are
///           detected
///   masks   its mean x² as amplitudes, 1 as phases; an output is the mean of a detector's n pixels, each
///           with noise of its own: 1/√n
///   camera  its largest x: read noise of every camera pixel of a cell, and shot noise of its electrons, full
///           well being what a pixel gets of that input
bool readout_sigma(const LayerPlan& plan, const Process& process, std::optional<double> noise,
                   const Call& call, MatrixView<float> sigma);

/// What the heaters of a network take while it computes, at nominal values.
struct HeaterUse {
  double mean_mw = 0;     ///< over the time that a sample takes
  double largest_mw = 0;  ///< at any moment
  double energy_uj = 0;   ///< for a sample
};

/// Layers compute one after the other. Chips of a spatial bank and meshes are on all the time; a chip that is
/// reused in time holds one tile of one layer at a time, for a slot of the process (mrr.slot), and is dark
/// while others compute. A mesh, and a spatial bank, takes one slot a sample. `slots`: how many of these each
/// layer takes, 2 where inputs of both signs are sent one after the other. Heat of a phase: that within a
/// turn. Modulators and masks have no heaters, and take no time here.
HeaterUse heater_use(const std::vector<LayerPlan>& plans, const Process& process,
                     const std::vector<std::span<const float>>& controls, const std::vector<int>& slots);

/// The room: what the temperature is counted from, and how it moves.
struct Climate {
  double reference_temperature_c = 22;
  double jitter_k = 0;                         ///< with a controller, 1 σ
  double walk_time_s = 600, walk_sigma_k = 0;  ///< without: Ornstein-Uhlenbeck
};
/// That of the platform of the first physical layer that has one (a package has one temperature).
Climate climate_of(const std::vector<LayerPlan>& plans, const Process& process);

}  // namespace pnn::platform
