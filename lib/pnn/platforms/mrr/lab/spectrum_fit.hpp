// From spectra of buses to the rings on them: which resonances are whose, and how heaters and temperature
// move them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pnn/model/spectra.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/resonance.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// A ring, as the sweeps of its bus show it.
struct SpectralRing {
  std::string name;     ///< of its bus, and where that has several "BUS col 0", by rising wavelength
  Resonance resonance;  ///< the cold one, nearest to the middle of the sweeps
  Measured fsr_nm;      ///< at that resonance; sigma 0: of the process
  bool fsr_assumed = false;
  Measured eta_nm_per_mw;  ///< sigma 0 and assumed without two heater powers that are known
  bool eta_assumed = true;
  Measured kappa_nm_per_k;
  bool kappa_assumed = true;
  double resistance_ohm = 0, resistance_sigma = 0;  ///< cold; sigma 0: not known
  bool resistance_assumed = true;
  std::optional<Measured> resistance_per_k;  ///< ohm/K, of current–voltage curves at several temperatures
  double beta_per_ma2 = 0, beta_sigma = 0;
  bool beta_assumed = true;
  double least_ma = 0, most_ma = 0;  ///< the heater's currents in the sweeps; NaN where none is known
  Measured delta_nm;                 ///< its laser beyond the cold resonance
  bool delta_assumed = true;         ///< where no laser of the bus is known
  std::size_t resonances = 0;        ///< of this ring, in the coldest sweep
  std::vector<std::string> remarks;
};

/// The shift of one ring's resonance by another's heater, as a share of the shift of its own.
struct SpectralCrosstalk {
  std::string victim, aggressor;
  std::size_t places = 1;  ///< how many rings one is from the other on their bus
  Measured share;
};

struct SpectralChip {
  std::vector<SpectralRing> rings;
  std::vector<SpectralCrosstalk> crosstalk;
  std::vector<std::string> notes;
};

/// Finds the rings. Sweeps of one bus belong together by its name; their order does not matter. Throws
/// InputError, naming `where`, for a bus without a resonance. Resistances are those of the current–voltage
/// curve of a ring's heater, else of currents and voltages of its sweeps, else of the process.
SpectralChip find_rings(const std::vector<model::Spectrum>& spectra, const Process& process,
                        const std::string& where, const std::vector<model::HeaterCurve>& heaters = {});

}  // namespace pnn::platforms::mrr::lab
