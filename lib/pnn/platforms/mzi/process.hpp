// The fabrication process of Mach-Zehnder meshes: design values, spreads over interferometers and shifters,
// and environment. Units: rad, dB, mW, mA, Ω, K, °C, s. Every value can be set by name (--set), with the
// sources of the defaults in process.cpp.
#pragma once

#include <string>
#include <vector>

#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::mzi {

/// Process of a mesh. A "sigma" is a standard deviation over MZIs or shifters. Defaults without another
/// source are those of a good foundry; sweeps in the literature go to 0.2 rad.
struct Process {
  double split_sigma_rad = 0.05;  ///< σ_bs: angle error β of each 50:50 splitter, B(π/4 + β)
  double phase_sigma_rad = 0.05;  ///< σ_ps: static error of each phase shifter
  double crosstalk = 0.005;       ///< χ: thermal crosstalk to the next MZI of a column
  double crosstalk_length = 1;    ///< ℓ, in MZIs
  double loss_db = 0.1;           ///< loss of power in an MZI, on both its modes
  double dac_bits = 12;           ///< phase source, over [0, 2π); 0 is exact
  double readout_noise = 0.005;   ///< fraction of full scale (platform.cpp)
  /// Drift of every phase with temperature (our choice: a path difference of about 13 µm of silicon wire at
  /// 1550 nm).
  double kappa_rad_per_k = 0.01;
  double p_pi_mw = 25;          ///< heater power for a phase of π
  double resistance_ohm = 500;  ///< resistance of a heater
  double theta0_rad = 0;        ///< phase of a shifter without current
  double reference_temperature_c = 22;
  double jitter_k = 0.01;                  ///< standard deviation of the temperature with a controller
  double walk_time_s = 600;                ///< without one: correlation time of an Ornstein-Uhlenbeck walk
  double walk_sigma_k = 0.8;               ///< and its standard deviation
  double slot_us = 10;                     ///< time that a sample takes (assumed, as for rings)
  double split_die = 0, split_smooth = 0;  ///< shares of the variance of β (platform/spread.hpp)
  double phase_die = 0, phase_smooth = 0;  ///< and of the static phases
  double correlation_length = 10;          ///< in MZIs: of the smooth shares

  /// All numbers, in a fixed order.
  static const std::vector<QuantityOf<Process>>& quantities();
};

/// Angle error β (rad) of a splitter that divides power as (1+e)/2 : (1−e)/2, the convention of the MPNN
/// literature, where (1+e)/2 crosses over: sin²(π/4 + β) = (1 + e)/2, so that β = asin(e)/2, about e/2.
/// Values of e beyond ±1 are impossible and count as ±1, so that the result is never NaN.
double split_angle(double e);

/// Phase (rad, not wrapped) of a thermal phase shifter at a heater current: θ_0 + (π/P_π) · 1e-3 R I².
double shifter_phase(const Process& process, double current_ma);
/// The smallest current (mA) whose phase is `phase_rad` up to whole turns.
double shifter_current_ma(const Process& process, double phase_rad);
/// The current (mA) whose heat adds `heated_rad` ≥ 0 to the phase.
double heating_current_ma(const Process& process, double heated_rad);

}  // namespace pnn::platforms::mzi
