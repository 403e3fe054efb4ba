// Resonances of rings in a spectrum: where they are, how wide and how deep.
//
// Near a resonance λ0 both ports of an add-drop ring follow one curve (bank.hpp, Bogaerts et al., Laser
// Photonics Rev. 6, 47, 2012). With u = sin²(π (λ − λ0)/FSR) and w = sin²(π FWHM/(2 FSR))
//
//    L = 1/(1 + u/w),   T_drop = D0 L,   T_through = 1 − (1 − T0) L,
//
// times the transmission of the couplers, whose logarithm is taken as a parabola within the window of one
// resonance. The difference of both ports is ∓(1 − A L) with A = 1 − T0 + D0.
//
// On a bus of several rings T_through is the product of theirs, and the next ring drops what the others left
// of the light. Without loss the difference is then ∓(2 Π(1 − A_m L_m/2) − 1).
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
  double rms = 0;  ///< of the residuals of all ports, in dB, or as a share of the light without a resonance
  bool decibel = true;  ///< whether it is in dB
  double drop_rms = 0;  ///< dB, of the drop port within three FWHM; 0 without one
  bool split = false;   ///< whether two resonances of equal width fit much better: light that turns around
};

/// Finds the resonances of a spectrum, in the order of their wavelengths, and fits each within six FWHM
/// (three of the drop port). Where others are so near that they reach into these windows, each is fitted
/// again with the light that the others take off the bus, or drop. `fsr_nm`: free spectral range near a
/// wavelength of `at_nm` (it grows with the square of the wavelength); 0 where it is unknown, for
/// Lorentzians, each by itself. Extrema of less than half the height (in the unit of the spectrum, above its
/// running median) of the highest are taken for noise or for another port's light, and so is what is less
/// than five of its standard errors, or narrower than a step.
std::vector<Resonance> find_resonances(const model::Spectrum& spectrum, double fsr_nm, double at_nm);

}  // namespace pnn::platforms::mrr::lab
