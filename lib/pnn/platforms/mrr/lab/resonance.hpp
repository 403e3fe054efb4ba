// Resonances of rings in a spectrum: where they are, how wide and how deep.
//
// Near a resonance λ0 both ports of an add-drop ring follow one curve (bank.hpp, Bogaerts et al., Laser
// Photonics Rev. 6, 47, 2012). With u = sin²(π (λ − λ0)/FSR) and w = sin²(π FWHM/(2 FSR))
//
//    L = 1/(1 + u/w),   T_drop = D0 L,   T_through = 1 − (1 − T0) L,
//
// times the transmission of the couplers, whose logarithm is taken as a parabola within the window of one
// resonance. The difference of both ports is ∓(1 − A L) with A = 1 − T0 + D0.
#pragma once

#include <optional>
#include <vector>

#include "pnn/model/spectra.hpp"

namespace pnn::platforms::mrr::lab {

/// A value and its standard error.
struct Measured {
  double value = 0, sigma = 0;
};

/// A resonance. Standard errors are those of least squares with the variance of the residuals, times the
/// square root of 1 + 2 Σ ρ over the autocorrelations ρ of the residuals up to the first that is negative.
struct Resonance {
  Measured wavelength_nm, fwhm_nm;
  std::optional<Measured> through;     ///< T0: what is left of the light on resonance
  std::optional<Measured> drop;        ///< D0, if couplers of both ports are alike
  std::optional<Measured> difference;  ///< A of a balanced detector
  double rms = 0;       ///< of the residuals of all ports, in dB, or in units of the full scale
  double drop_rms = 0;  ///< dB, of the drop port within three FWHM; 0 without one
  bool split = false;   ///< whether two resonances of equal width fit much better: light that turns around
};

/// Finds the resonances of a spectrum, in the order of their wavelengths, and fits each within six FWHM
/// (three of the drop port). `fsr_nm`: free spectral range near a wavelength of `at_nm` (it grows with the
/// square of the wavelength); 0 where it is unknown, for a Lorentzian. Extrema of less than half the height
/// (in the unit of the spectrum, above its running median) of the highest are taken for noise or for another
/// port's light.
std::vector<Resonance> find_resonances(const model::Spectrum& spectrum, double fsr_nm, double at_nm);

}  // namespace pnn::platforms::mrr::lab
