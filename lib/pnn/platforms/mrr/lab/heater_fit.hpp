// Resistance of a heater from currents and voltages.
#pragma once

#include <optional>

#include "pnn/model/spectra.hpp"
#include "pnn/platforms/mrr/lab/resonance.hpp"

namespace pnn::platforms::mrr::lab {

/// V = V0 + R I (1 + β I²) + s I (T − T0), with the standard errors of least squares in V, the noise being
/// that of the residuals.
struct HeaterFit {
  Measured ohm;                          ///< R at T0; sigma 0 of fewer than three currents
  std::optional<Measured> beta_per_ma2;  ///< of three currents or more
  std::optional<Measured> ohm_per_k;     ///< s, where the temperatures span half a kelvin or more
  double miss = 0;                       ///< rms of the residuals over the largest voltage
};

/// Fits it; V0 is 0 of fewer than six currents. Currents of less than a ten-thousandth of the largest tell
/// nothing but V0. Nothing without a current.
std::optional<HeaterFit> fit_heater(const model::HeaterCurve& curve, double at_c);

/// The current through a heater across which there is a voltage, mA: the solution of V = R I (1 + β I²), or
/// for β < 0, where none rises to it, the last that does.
double current_at_ma(double voltage_v, double resistance_ohm, double beta_per_ma2);

/// The current at which a heater gets a power: the solution of P = R I² (1 + β I²), or for β < 0, where none
/// rises to it, the last that does.
double current_at_power_ma(double power_mw, double resistance_ohm, double beta_per_ma2);

}  // namespace pnn::platforms::mrr::lab
