// The fabrication process of micro-ring weight banks: nominal values, spreads over rings, chip and
// environment. Units: nm, Ω, mW, mA, K, °C, s. Every default is a default: each can be set by name.
#pragma once

#include <string>
#include <vector>

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// Sign convention of a weight: `drop_thru` W = T_drop − T_thru (default), `thru_drop` its negative.
enum class Polarity { drop_thru, thru_drop };

/// Most rows and most columns of a chip.
inline constexpr int most_chip_side = 1024;

/// Micro-ring process and chip. A value "sigma" is one standard deviation over rings; "relative" ones
/// are fractions of the nominal value.
struct MrrProcess {
  double fsr_nm = 10;             ///< free spectral range; radius about 9 µm
  double r = 0.955;               ///< field self-coupling of both couplers; FWHM 0.30 nm
  double r_sigma = 0.004;         ///< absolute, one draw a ring, result clipped to [0.90, 0.995]
  double a = 0.998;               ///< single-pass field amplitude
  double delta_nm = 0.575;        ///< cold offset: channel minus cold resonance; resonance at about 4.2 mA
  double delta_sigma_nm = 0.02;   ///< absolute; 0.02 after trimming, 0.10 untrimmed
  double eta_nm_per_mw = 0.0625;  ///< tuning efficiency
  double eta_sigma = 0.03;        ///< relative
  double resistance_ohm = 500;
  double resistance_sigma = 0.02;  ///< relative
  double beta_per_ma2 = 0.004;     ///< self-heating of the resistance
  double beta_sigma = 0.25;        ///< relative
  double crosstalk = 0.005;        ///< χ: thermal crosstalk to the neighbour at one pitch
  double crosstalk_length = 1;     ///< ℓ in pitches
  double crosstalk_cutoff = 1e-4;  ///< entries of X below this are dropped
  double package_k_per_mw = 0;     ///< common heating of a chip's rings by its total heater power
  double kappa_nm_per_k = 0.080;   ///< drift of a resonance with ambient temperature
  double reference_temperature_c = 22;
  double current_min_ma = 0;
  double current_max_ma = 5.2;  ///< more would reach the next channel
  double channel_spacing_nm = 1.2;
  double reach = 2;              ///< optical crosstalk: columns to either side (an integer; 0 is none)
  double chip_rows = 16;         ///< integer
  double chip_cols = 8;          ///< integer, at most floor(FSR/Δλ) channels on a bus
  double dac_bits = 16;          ///< current source, over its range; 0 is exact
  double readout_noise = 0.005;  ///< of full scale (hardware.hpp), once a tile read
  double jitter_k = 0.01;        ///< temperature jitter with a controller, 1 σ
  double walk_time_s = 600;      ///< without: Ornstein-Uhlenbeck correlation time
  double walk_sigma_k = 0.8;     ///< and its standard deviation
  double slot_us = 10;           ///< a tile is held so long for a sample; assumed
  Polarity polarity = Polarity::drop_thru;
};

/// One named number of MrrProcess.
using MrrQuantity = QuantityOf<MrrProcess>;
/// Every number of MrrProcess, in a fixed order.
const std::vector<MrrQuantity>& mrr_quantities();

/// Checks that the numbers are in their ranges and fit together (an empty control range, more columns than
/// channels, …): all complaints, empty when fine.
std::vector<std::string> check_process(const MrrProcess& process);

/// Channels that a bus can carry, floor(FSR/Δλ): what follows meets the next order of the first ring.
double channels_of_bus(double fsr_nm, double channel_spacing_nm);

/// Every spread times `factor`.
MrrProcess scale_spreads(MrrProcess process, double factor);

/// Heater power in mW of `current_ma` through `resistance_ohm`: 1e-3 R (1 + β I²) I².
double heater_power_mw(double current_ma, double resistance_ohm, double beta_per_ma2);

}  // namespace pnn::platform
