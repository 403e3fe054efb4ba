// Fits the fringe of one phase shifter.
//
//   y(I) = m (1 + V cos(h (θ_0 + (π/P_π) P + κ ΔT))) t(P),    P = 1e-3 R I²
//
// y is the share of light that is read, m its mean over a turn (`offset` in files), V the visibility, θ_0 the
// phase without current (rad), P_π the heater power for a phase of π (mW). R (Ω) is assumed as known, since
// only R/P_π matters. κ ΔT is known: ΔT (K) is the temperature of the point above that of its sweep. t is a
// fall of the light with the heat (model/fall.hpp), 1 unless a curve demands it. h = 1 for MZIs (cos²(θ/2) at
// the cross port), 2 for attenuators (cos² α).
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/model/fall.hpp"
#include "pnn/model/quality.hpp"
#include "pnn/model/samples.hpp"
#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mzi::lab {

/// Parameters of a fringe, numbered in this order everywhere.
struct Fringe {
  double theta0_rad = 0;  ///< within half a turn of 0; with h = 2, which determines no more, a quarter
  double p_pi_mw = 0;
  double visibility = 0;  ///< ≥ 0
  double offset = 0;      ///< m
};
inline constexpr Index fringe_parameters = 4;

/// The result of a fit.
struct FringeFit {
  Fringe fringe;
  Matrix<double> covariance;  ///< [4, 4], without the fall; 0 unless `identified`
  Fall fall;
  double rms = 0;  ///< root mean square residual, in the unit of y
  Residuals left;  ///< with its degrees of freedom and leverages
  bool converged = false, identified = false;
};

/// Fits a fringe of harmonic h by Levenberg-Marquardt, starting at the best of several P_π around the nominal
/// one, each with the linear solution for the other parameters. If none of them follows the samples, the
/// start is the best of all numbers of periods that the samples can show (for heaters of another resistance
/// or efficiency than in the process). The variance of a response is the larger of the mean square residual
/// and `sigma` squared, as for rings. Needs more samples than parameters; a fit that does not converge is a
/// result and no exception.
/// A fall of the light is fitted where the curve demands it.
FringeFit fit_fringe(const Samples& samples, int harmonic, double resistance_ohm, double nominal_p_pi_mw,
                     double kappa_rad_per_k = 0);

/// Root of the mean square deviation from the best fringe with the θ_0 and P_π of `design` (offset and
/// visibility, of either sign, are fitted): the residual of a design value.
double rms_of_design(const Samples& samples, int harmonic, double resistance_ohm, const Fringe& design,
                     double kappa_rad_per_k = 0);

}  // namespace pnn::platforms::mzi::lab
