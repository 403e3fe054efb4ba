// Fits the tuning curve of one ring: starting points, the best of several solutions, and its uncertainty.
#pragma once

#include <vector>

#include "pnn/model/least_squares.hpp"
#include "pnn/model/quality.hpp"
#include "pnn/model/samples.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/lab/ring_curve.hpp"
#include "pnn/platforms/mrr/lab/ring_prior.hpp"

namespace pnn::platforms::mrr::lab {

/// A fit, in the parameters of RingFormula.
struct RingFit {
  Vector<double> parameters;
  Matrix<double> covariance;  ///< covariance of the posterior; 0 unless `identified`
  double rms = 0;             ///< root mean square residual
  Residuals left;             ///< with its degrees of freedom and leverages
  bool converged = false, identified = false;
};

/// A resonance of a sampled curve, from its shape alone: where a fit starts.
struct Feature {
  double power_mw = 0;       ///< heater power at the extremum
  double half_width_mw = 0;  ///< distance to half its height, on the nearer side
  bool is_peak = true;
};
/// The highest peak and the deepest dip of the first sweep, the narrower one first. Needs three samples or
/// more.
std::vector<Feature> curve_features(const Samples& samples, double resistance_ohm);

/// The most probable ring: the best solution, from several starts, of minimising |residuals|²/s² + Σ ((p −
/// mean)/sigma)² with `priors` (one for each parameter of the shape; gain and offset have none). s², the
/// variance of a response, is the larger of `samples.sigma` squared and the mean square residual of the best
/// fit without priors (from four averages the standard error itself is too uncertain to weight single
/// points), so that both noise and shortcomings of the formula give weight to the prior. If a curve
/// determines a parameter, the prior shifts it by (standard error / prior sigma)² of its distance from the
/// prior mean. Needs more samples than parameters.
RingFit fit_ring(const RingFormula& formula, const Samples& samples, const std::vector<Prior>& priors);

/// The response of the formula at each sample.
std::vector<double> predict(const RingFormula& formula, const Vector<double>& parameters,
                            const Samples& samples);

}  // namespace pnn::platforms::mrr::lab
