// The fabrication process of micro-ring weight banks: design values, spreads over rings, chip and
// environment. Units: nm, Ω, mW, mA, K, °C, s. Every value can be set by name (--set), with the sources of
// the defaults in process.cpp.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "pnn/platform/spread.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::mrr {

/// Sign convention of a weight: `drop_thru` W = T_drop − T_thru (default), `thru_drop` its negative.
enum class Polarity { drop_thru, thru_drop };

/// Largest number of rows and of columns of a chip.
inline constexpr int most_chip_side = 1024;

/// Process and chip of micro-rings. A "sigma" is a standard deviation over rings; a relative one is a
/// fraction of the nominal value.
struct Process {
  double fsr_nm = 10;             ///< free spectral range; radius about 9 µm
  double r = 0.955;               ///< field self-coupling of both couplers; FWHM 0.30 nm
  double r_sigma = 0.004;         ///< absolute, one sample for each ring, clipped to [0.90, 0.995]
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
  double readout_noise = 0.005;  ///< fraction of full scale (platform.cpp), for each read-out of a tile
  double jitter_k = 0.01;        ///< standard deviation of the temperature with a controller
  double walk_time_s = 600;      ///< without one: correlation time of an Ornstein-Uhlenbeck walk
  double walk_sigma_k = 0.8;     ///< and its standard deviation
  double slot_us = 10;           ///< time for which a tile is held for a sample (assumed)
  double polarity_choice = 0;    ///< number of a Polarity
  double dead = 0;               ///< share of heaters without current, whatever is commanded
  double delta_die = 0, delta_smooth = 0;  ///< shares of the variance of δ (platform/spread.hpp)
  double eta_die = 0, eta_smooth = 0;
  double resistance_die = 0, resistance_smooth = 0;
  double beta_die = 0, beta_smooth = 0;
  double r_die = 0, r_smooth = 0;
  double correlation_length = 10;  ///< in pitches: of the smooth shares

  [[nodiscard]] Polarity polarity() const { return Polarity(int(polarity_choice)); }
  void set(Polarity polarity) { polarity_choice = double(int(polarity)); }

  /// All numbers, in a fixed order.
  static const std::vector<QuantityOf<Process>>& quantities();
};

/// All complaints about numbers that do not fit together (an empty control range, more columns than
/// channels …); empty when fine.
std::vector<std::string> conflicts_of(const Process& process);

/// How the variances of δ, η, R, β and r divide over a die, in the order of draw_rings(), with the beginning
/// of their names.
std::array<std::pair<const char*, SpreadShares>, 5> shares_of(const Process& process);

/// Number of channels that a bus can carry, floor(FSR/Δλ): the next one would meet the next order of the
/// first ring.
double channels_of_bus(double fsr_nm, double channel_spacing_nm);

/// Heater power in mW of `current_ma` through `resistance_ohm`: 1e-3 R (1 + β I²) I².
double heater_power_mw(double current_ma, double resistance_ohm, double beta_per_ma2);

}  // namespace pnn::platforms::mrr
