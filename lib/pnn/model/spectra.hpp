// Wavelength sweeps of the elements on a bus, as a tunable laser and detectors behind its ports see them.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "pnn/core/words.hpp"

namespace pnn::model {

/// What a detector of a sweep sees. A balanced one gives the difference of both ports.
enum class BusPort { through, drop, through_drop, drop_through };
constexpr auto words_of(BusPort) {
  using enum BusPort;
  return std::to_array<Word<BusPort>>({{through, "through", "the light that stays on the bus"},
                                       {drop, "drop", "the light that is taken off it"},
                                       {through_drop, "through-drop", "a balanced detector"},
                                       {drop_through, "drop-through", "a balanced detector"}});
}

/// The light at one port.
struct PortTrace {
  BusPort port = BusPort::through;
  /// [n]: linear, with any common factor; dB of a factor where the sweep is logarithmic.
  std::vector<double> power;
};

/// One sweep of the wavelength.
struct Spectrum {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  std::string bus;     ///< name of the bus, or of its only element
  std::string heater;  ///< name of the heater that was driven; empty if there is one, or none is known
  double current_ma = unknown, voltage_v = unknown, power_mw = unknown;  ///< of that heater
  double temperature_c = unknown;                                        ///< of the chip
  /// Wavelengths at which the channels of the bus are used, one for each of its elements, rising; empty if
  /// they are not known.
  std::vector<double> laser_nm;
  bool decibel = true;                ///< whether powers are in dB, and noise is about equal there
  std::vector<double> wavelength_nm;  ///< [n], rising
  std::vector<PortTrace> ports;

  [[nodiscard]] const PortTrace* find(BusPort port) const {
    for (const PortTrace& trace : ports)
      if (trace.port == port) return &trace;
    return nullptr;
  }
};

/// Currents through a heater and the voltages across it.
struct HeaterCurve {
  std::string bus;     ///< of its element, or the element's name; empty if only the heater's name is known
  std::string heater;  ///< empty if its element has no other
  std::vector<double> current_ma, voltage_v;  ///< [n]
  std::vector<double> temperature_c;          ///< [n], of the chip; NaN where it is not known
};

/// The running median of a trace over a tenth of its points: the envelope of the couplers, without
/// resonances.
std::vector<double> running_median(const std::vector<double>& values);

}  // namespace pnn::model
