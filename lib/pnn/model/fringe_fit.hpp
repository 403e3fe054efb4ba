// The fit of one phase shifter's fringe.
//
//   y(I) = m (1 + V cos(h (θ_0 + (π/P_π) · 1e-3 R I²)))
//
// y the share of light read; m its mean over a turn (`offset` in files), V the visibility, θ_0 the phase
// without current (rad), P_π the heater power for a phase of π (mW); R (Ω) is taken as known, since it enters
// with P_π alone. h = 1 for MZIs (cos²(θ/2) at the cross port), 2 for attenuators (cos² α).
#pragma once

#include "pnn/core/matrix.hpp"
#include "pnn/model/ring_fit.hpp"

namespace pnn::model {

/// Parameters of a fringe, in this order wherever they are numbered.
struct Fringe {
  double theta0_rad = 0;  ///< within half a turn of 0; for harmonic 2, which cannot tell more, a quarter
  double p_pi_mw = 0;
  double visibility = 0;  ///< ≥ 0
  double offset = 0;      ///< m
};
inline constexpr Index fringe_parameters = 4;

struct FringeFit {
  Fringe fringe;
  Matrix<double> covariance;  ///< [4, 4]; zero unless `identified`
  double rms = 0;             ///< root mean square residual, in the unit of y
  bool converged = false, identified = false;
};

/// Levenberg-Marquardt from the best of several P_π around the nominal one, each with the linear solution for
/// the rest; where none of them follows the samples, from the best of all numbers of periods that they can
/// show (heaters of another resistance or efficiency than the process's). The variance of a response is the
/// larger of the residuals' and `sigma` squared, as for rings. Needs more samples than parameters; not
/// converging is a result.
FringeFit fit_fringe(const RingSamples& samples, int harmonic, double resistance_ohm, double nominal_p_pi_mw);

/// Mean square deviation from the best fringe of this θ_0 and P_π (offset and visibility of either sign
/// free): what a phase that was not measured leaves.
double rms_of_design(const RingSamples& samples, int harmonic, double resistance_ohm, const Fringe& design);

}  // namespace pnn::model
