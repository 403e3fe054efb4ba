// Measuring tuning curves on a device, as a lab does: one ring driven, the others parked; one phase shifter
// driven, the mesh around it at rest.
#pragma once

#include "pnn/core/forecast.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/platform/mzi_process.hpp"
#include "pnn/study/recorder.hpp"

namespace pnn::study {

struct CharacterizeSettings {
  int points = 61;
  int averages = 4;
  double settle_s = 0;                 ///< from setting heaters to reading
  std::string direction = "up";        ///< up | down | both: up, then down
  bool crosstalk = false;              ///< also pair sweeps
  std::vector<double> temperatures_c;  ///< empty: the present one; two or more identify η
  device::Conditions conditions;       ///< imposed first, if `impose` or temperatures ask for it
  bool impose = false;                 ///< false on a bench whose surroundings cannot be commanded
  /// Nominal P_π, R and θ_0 of phase shifters, by which a current is a phase.
  platform::MziProcess shifters;
  void describe(Options& options);
  /// +1 for each point that is approached from below, −1 for each from above: [P].
  [[nodiscard]] std::vector<int> directions() const;
  /// The points of a sweep, given upwards, in the order in which they are taken.
  [[nodiscard]] std::vector<double> in_order(const std::vector<double>& upward) const;
};

/// Curves of every chip that the device's layers run on, in the shape [1, E, T, P]. Every sweep goes from the
/// lowest control to the highest, or back, in equal steps of heater power (I²), as the published measurements
/// did (P is twice `points` for both directions; points stand in the order in which they were taken): steps
/// of current would crowd where a curve is flat and thin out on the resonance. One ring is driven, its
/// neighbours are parked at the lowest control; its column carries 1 and its row is read `averages` times in
/// one call, for the mean and its standard error.
///
/// On a chip shared in time the tiles of a layer are turns of one chip, so that each tile sweeps another
/// ring, and no two points of a curve come from one call as long as there are other rings to fill it (a
/// temperature jitter is then noise of a curve, not its shift). Each ring is measured through the layer with
/// the fewest column tiles (model::chip_coverage), since every tile adds its read-out noise. Rings that no
/// layer uses hold NaN (control, response and sigma alike).
///
/// With `crosstalk` every victim (at most 256, evenly chosen) is held where its curve crosses half its height
/// on the side of lower currents, while rings at one to √5 pitches are swept in turn, in other rows where
/// there are any (light of another row does not reach the victim). All at the first temperature.
///
/// Meshes of interferometers give the fringes of their phase shifters (fringes.hpp), displays the readings of
/// targets (registration.hpp), at one temperature.
///
/// Conditions are imposed anew for each temperature while the clock runs on. Without temperatures
/// `temperature_c` is what the device's sensor read on average. What `recorder` knows is not measured again;
/// several devices may share one, in the same order each time. Throws Interrupted when asked to stop,
/// DeviceError on outputs that are not finite, UsageError on settings out of range or that no chip of the
/// device can follow.
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress,
                           Recorder& recorder);
/// Without a log.
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress);
/// What characterize would cost for `devices` devices like this one: readings, device calls, and the time,
/// from about a second of calls to this device, which is left in any state. Throws what characterize throws.
Forecast forecast(device::Device& device, const CharacterizeSettings& settings, std::size_t devices,
                  const Progress& progress);
/// Stacks the curves of several devices along the first axis; a temperature that was read is their mean.
/// Throws InputError where their shapes or elements differ.
model::Curves stack(const std::vector<model::Curves>& devices);

}  // namespace pnn::study
