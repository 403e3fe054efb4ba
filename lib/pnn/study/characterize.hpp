// Measures the elements of a device as a laboratory does, through what the device offers and nothing more:
// controls, inputs and outputs.
#pragma once

#include <array>

#include "pnn/core/forecast.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/progress.hpp"
#include "pnn/device/device.hpp"
#include "pnn/model/curves.hpp"
#include "pnn/model/spectra.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/study/recorder.hpp"

namespace pnn::study {

/// The order in which a sweep takes its points.
enum class SweepDirection { up, down, both };
constexpr auto words_of(SweepDirection) {
  using enum SweepDirection;
  return std::to_array<Word<SweepDirection>>({{up, "up"}, {down, "down"}, {both, "both"}});
}

/// Sweeps of the lasers in place of the controls.
struct LaserSettings {
  bool sweep = false;
  double step_nm = 0;      ///< between two wavelengths; 0: a twelfth of the width of a resonance
  int heater_powers = 6;   ///< of each heater, from the lowest control to the highest
  double first_nm = 1550;  ///< wavelength of the first channel's laser
  void describe(Options& options);
};

/// What is measured, and how.
struct CharacterizeSettings {
  LaserSettings lasers;
  int points = 61;      ///< of a sweep in one direction
  int averages = 4;     ///< readings of each point
  double settle_s = 0;  ///< time from setting heaters to reading, s
  SweepDirection direction = SweepDirection::up;
  bool crosstalk = false;              ///< also sweep pairs of elements, for the thermal crosstalk
  std::vector<double> temperatures_c;  ///< empty: the present one; two or more determine thermal shifts (η)
  device::Conditions conditions;       ///< imposed first if `impose` is set or there are temperatures
  bool impose = false;                 ///< false for a bench whose conditions cannot be commanded
  /// Nominal values by which controls are chosen, such as the current that stands for a phase.
  platform::Process process;
  void describe(Options& options);
  /// [P]: +1 for each point that is reached from a lower control, −1 for each from a higher one.
  [[nodiscard]] std::vector<int> directions() const;
  /// The points of a sweep in the order in which they are measured; `upward` are the points in rising order.
  [[nodiscard]] std::vector<double> in_order(const std::vector<double>& upward) const;
};

/// The curves of every chip on which the device's layers run, as the laboratory of each platform measures
/// them (lab.hpp).
///
/// Conditions are imposed again for each temperature while the clock continues. Without temperatures,
/// `temperature_c` of the curves is the mean reading of the device's sensor, or assumed_temperature_c() where
/// it has none. Readings that `recorder` has are
/// not measured again; several devices may share a recorder, always in the same order. Throws Interrupted
/// when asked to stop, DeviceError for outputs that are not finite, and UsageError for settings that are out
/// of range or that no chip of the device supports.
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress,
                           Recorder& recorder);
/// Spectra in place of curves: the wavelengths of all lasers are swept, as the condition of the platform's
/// common response offset (platform/response.hpp), beside that of the settings. Readings and errors as for
/// characterize(); DeviceError too for a bench whose lasers cannot be commanded.
std::vector<model::Spectrum> characterize_lasers(device::Device& device, const CharacterizeSettings& settings,
                                                 Progress& progress, Recorder& recorder);
/// The same without a recorder.
model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress);
/// The ambient temperature (°C) of a device without a sensor: that of the conditions, or the reference of the
/// process.
double assumed_temperature_c(const device::Device& device, const CharacterizeSettings& settings);
/// Estimates the cost of characterize for `devices` devices like this one: readings, device calls, and the
/// time, from about a second of calls to this device, whose state afterwards is undefined. Throws what
/// characterize throws.
Forecast forecast(device::Device& device, const CharacterizeSettings& settings, std::size_t devices,
                  const Progress& progress);
/// Joins the curves of several devices along the first axis; temperatures that were read are averaged. Throws
/// InputError if their shapes or elements differ.
model::Curves stack(const std::vector<model::Curves>& devices);

}  // namespace pnn::study
