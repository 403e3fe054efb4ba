// Which resonances of a sweep belong to one ring: those that stand a free spectral range apart.
#pragma once

#include <optional>
#include <vector>

#include "pnn/platforms/mrr/lab/resonance.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// A drop port that is off the fit by more shows its detector's floor.
inline constexpr double noise_db = 1;

/// The resonances of one ring, the number of that nearest to the middle of the sweep, and the free spectral
/// range there, if there are two.
struct Comb {
  std::vector<Resonance> resonances;
  std::size_t middle = 0;
  std::optional<Measured> fsr_nm;
};

/// The combs of a sweep, by the wavelengths of their middle resonances. Without a regular distance each
/// resonance is a ring of its own.
std::vector<Comb> combs_of(const std::vector<Resonance>& all, const Process& process, double middle_nm);

/// The resonances of a sweep that are no noise, fitted with the free spectral range that they have. `noisy`:
/// how many were left out.
std::vector<Resonance> resonances_of(const model::Spectrum& s, const Process& process, std::size_t& noisy);

}  // namespace pnn::platforms::mrr::lab
