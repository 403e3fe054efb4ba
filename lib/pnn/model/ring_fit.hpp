// The fit of one ring's tuning curve: starts, the best of several solutions, and what it is worth.
#pragma once

#include <vector>

#include "pnn/model/least_squares.hpp"
#include "pnn/model/ring_curve.hpp"
#include "pnn/model/ring_prior.hpp"

namespace pnn::model {

/// The samples of one ring over all its sweeps, in any order.
struct RingSamples {
  std::vector<double> current_ma, response;
  std::vector<Index> sweep;  ///< number of the temperature, in RingFormula::temperature_offset_k
  double sigma = 0;          ///< standard error of a response, pooled over the curve; 0: unknown
  [[nodiscard]] Index size() const { return Index(response.size()); }
};

/// A solution in the parameters of RingFormula.
struct RingFit {
  Vector<double> parameters;
  Matrix<double> covariance;  ///< of the posterior; zero unless `identified`
  double rms = 0;             ///< root mean square residual
  bool converged = false, identified = false;
};

/// Half-power resonance of a sampled curve in heater power, by its features alone: where a fit starts.
struct Feature {
  double power_mw = 0;       ///< of the extremum
  double half_width_mw = 0;  ///< to half its height, on the nearer side
  bool is_peak = true;
};
/// The highest peak and the deepest dip of the first sweep, the narrower first. Needs three samples or more.
std::vector<Feature> curve_features(const RingSamples& samples, double resistance_ohm);

/// The most probable ring: the best solution from several starts of |residuals|²/s² + Σ ((p − mean)/sigma)²
/// over `priors` (one a shape parameter; gain and offset have none). s², the variance of a response, is the
/// larger of `samples.sigma` squared and what the best fit without priors leaves (four averages know their
/// own sigma too poorly to weigh points with it), so that noise and what the formula lacks both give weight
/// to the prior. Where a curve determines a parameter the prior moves it by (standard error / prior sigma)²
/// of its distance from the mean. Needs more samples than parameters.
RingFit fit_ring(const RingFormula& formula, const RingSamples& samples, const std::vector<Prior>& priors);

/// The model's response at each sample.
std::vector<double> predict(const RingFormula& formula, const Vector<double>& parameters,
                            const RingSamples& samples);

}  // namespace pnn::model
