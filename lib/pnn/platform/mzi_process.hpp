// The fabrication process of Mach-Zehnder meshes: nominal values, spreads over interferometers, shifters and
// environment. Units: rad, dB, mW, mA, Ω, K, °C, s. Every default is a default: each can be set by name.
#pragma once

#include <string>
#include <vector>

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// Mesh process. "sigma" is one standard deviation over MZIs or shifters. Defaults without another source
/// are those of a good foundry; sweeps of the literature go to 0.2 rad.
struct MziProcess {
  double split_sigma_rad = 0.05;  ///< σ_bs: angle error β of each 50:50 splitter, B(π/4 + β)
  double phase_sigma_rad = 0.05;  ///< σ_ps: static error of each phase shifter
  double crosstalk = 0.005;       ///< χ: thermal crosstalk to the next MZI of a column
  double crosstalk_length = 1;    ///< ℓ, in MZIs
  double loss_db = 0.1;           ///< power lost in an MZI, on both its modes
  double dac_bits = 12;           ///< phase source, over [0, 2π); 0 is exact
  double readout_noise = 0.005;   ///< of full scale (hardware.hpp)
  double kappa_rad_per_k = 0.01;  ///< common drift of every phase with temperature (ours: a path difference
                                  ///< of about 13 µm of silicon wire at 1550 nm)
  double p_pi_mw = 25;            ///< heater power for a phase of π
  double resistance_ohm = 500;    ///< of a heater
  double theta0_rad = 0;          ///< phase of a shifter without current
  double reference_temperature_c = 22;
  double jitter_k = 0.01;     ///< temperature jitter with a controller, 1 σ
  double walk_time_s = 600;   ///< without: Ornstein-Uhlenbeck correlation time
  double walk_sigma_k = 0.8;  ///< and its standard deviation
  double slot_us = 10;        ///< time that a sample takes; assumed, as of rings
};

/// One named number of MziProcess.
using MziQuantity = QuantityOf<MziProcess>;
/// Every number of MziProcess, in a fixed order.
const std::vector<MziQuantity>& mzi_quantities();

/// Numbers outside their ranges, all of them; empty when fine.
std::vector<std::string> check_process(const MziProcess& process);

/// Every spread times `factor`.
MziProcess scale_spreads(MziProcess process, double factor);

/// Angle error β (rad) of a splitter that divides power as (1+e)/2 : (1−e)/2, the convention of the MPNN
/// literature, with (1+e)/2 crossing over: sin²(π/4 + β) = (1 + e)/2, so β = asin(e)/2, about e/2. e beyond
/// ±1, which no splitter has, counts as ±1: never NaN for a number.
double split_angle(double e);

/// Phase (rad, not wrapped) of a thermal shifter at a heater current: θ_0 + (π/P_π) · 1e-3 R I².
double shifter_phase(const MziProcess& process, double current_ma);
/// The smallest current (mA) whose phase is `phase_rad` up to whole turns.
double shifter_current_ma(const MziProcess& process, double phase_rad);
/// The current (mA) whose heat adds `heated_rad` ≥ 0 to the phase.
double heating_current_ma(const MziProcess& process, double heated_rad);

}  // namespace pnn::platform
