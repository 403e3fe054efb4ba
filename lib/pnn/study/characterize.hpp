// Measures tuning curves on a device as a laboratory does: one ring or phase shifter is driven while the
// others rest.
#pragma once

#include "pnn/core/forecast.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/platform/mzi_process.hpp"
#include "pnn/study/recorder.hpp"

namespace pnn::study {

/// What is measured, and how.
struct CharacterizeSettings {
  int points = 61;                     ///< of a sweep in one direction
  int averages = 4;                    ///< readings of each point
  double settle_s = 0;                 ///< time from setting heaters to reading, s
  std::string direction = "up";        ///< up | down | both: up, then down
  bool crosstalk = false;              ///< also sweep pairs of rings, for the thermal crosstalk
  std::vector<double> temperatures_c;  ///< empty: the present one; two or more determine η
  device::Conditions conditions;       ///< imposed first if `impose` is set or there are temperatures
  bool impose = false;                 ///< false for a bench whose conditions cannot be commanded
  /// Nominal P_π, R and θ_0 of phase shifters, which convert currents to phases.
  platform::MziProcess shifters;
  void describe(Options& options);
  /// [P]: +1 for each point that is reached from a lower control, −1 for each from a higher one.
  [[nodiscard]] std::vector<int> directions() const;
  /// The points of a sweep in the order in which they are measured; `upward` are the points in rising order.
  [[nodiscard]] std::vector<double> in_order(const std::vector<double>& upward) const;
};

/// The curves of every chip on which the device's layers run: [1, E, T, P] with E elements, T temperatures
/// and P points.
///
/// A sweep goes from the lowest control to the highest, or back, in equal steps of heater power (I²), as in
/// the measurements of the SAT paper; equal steps of current would lie too densely where a curve is flat and
/// too sparsely on the resonance. With both directions P is twice `points`, and the points have the order in
/// which they were taken. One ring is driven while all others are parked at the lowest control; its column of
/// the inputs is 1, and its row is read `averages` times in one call, which gives the mean and its standard
/// error.
///
/// If several tiles of a layer run on one chip in turn, each tile sweeps another ring, and the points of one
/// curve come from different calls as long as there are other rings to fill a call. Temperature jitter then
/// appears as noise of a curve and does not shift it. Each ring is measured through the layer with the fewest
/// column tiles (model::chip_coverage), since every tile adds read-out noise. Rings that no layer uses have
/// NaN as control, response and standard error.
///
/// With `crosstalk`, rings (at most 256, evenly chosen) are held in turn where their curve crosses half its
/// height on the side of lower currents, while their neighbours at one to √5 pitches are swept, those in
/// other rows if there are any, because the light of another row does not reach the ring. This is done at the
/// first temperature.
///
/// Meshes of interferometers give the fringes of their phase shifters (fringes.hpp), displays the readings of
/// targets (registration.hpp), both at one temperature.
///
/// Conditions are imposed again for each temperature while the clock continues. Without temperatures,
/// `temperature_c` of the curves is the mean reading of the device's sensor. Readings that `recorder` has are
/// not measured again; several devices may share a recorder, always in the same order. Throws Interrupted
/// when asked to stop, DeviceError for outputs that are not finite, and UsageError for settings that are out
/// of range or that no chip of the device supports.
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress,
                           Recorder& recorder);
/// The same without a recorder.
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress);
/// Estimates the cost of characterize for `devices` devices like this one: readings, device calls, and the
/// time, from about a second of calls to this device, whose state afterwards is undefined. Throws what
/// characterize throws.
Forecast forecast(device::Device& device, const CharacterizeSettings& settings, std::size_t devices,
                  const Progress& progress);
/// Joins the curves of several devices along the first axis; temperatures that were read are averaged. Throws
/// InputError if their shapes or elements differ.
model::Curves stack(const std::vector<model::Curves>& devices);

}  // namespace pnn::study
