#include "pnn/platforms/mrr/lab/ring_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// Residuals and Jacobian of one ring: gain·shape + offset − response, or shape − response.
class RingProblem {
 public:
  RingProblem(const RingFormula& formula, const Samples& samples) : formula_(formula), samples_(samples) {}

  void residual(const Vector<double>& p, Vector<double>& f) const {
    for (Index n = 0; n < samples_.size(); ++n) f[n] = at(p, n).value - samples_.response[std::size_t(n)];
  }
  void jacobian(const Vector<double>& p, Matrix<double>& j) const {
    j.setZero();
    const Index shape = formula_.shape_parameters();
    for (Index n = 0; n < samples_.size(); ++n) {
      const ShapeValue bare = shape_at(p, n);
      const Fall::Value light = light_at(p, n);
      const double gain = free() ? p[gain_index(n)] : 1;
      for (Index k = 0; k < shape; ++k) j(n, k) = light.left * gain * bare.by[std::size_t(k)];
      if (free()) j(n, gain_index(n)) = light.left * bare.value, j(n, gain_index(n) + 1) = light.left;
      if (falls())
        j(n, formula_.fall()) = light.by_s * (gain * bare.value + (free() ? p[gain_index(n) + 1] : 0));
    }
  }
  [[nodiscard]] ShapeValue at(const Vector<double>& p, Index n) const {
    ShapeValue out = shape_at(p, n);
    if (free()) out.value = p[gain_index(n)] * out.value + p[gain_index(n) + 1];
    out.value *= light_at(p, n).left;
    return out;
  }

  /// Gain and offset of each sweep by linear regression on the bare shape.
  void regress_scale(Vector<double>& p) const {
    for (Index sweep = 0; sweep < formula_.sweeps(); ++sweep) {
      double count = 0, x = 0, y = 0, xx = 0, xy = 0;
      for (Index n = 0; n < samples_.size(); ++n) {
        if (samples_.sweep[std::size_t(n)] != sweep) continue;
        const double value = shape_at(p, n).value;
        const double response = samples_.response[std::size_t(n)] / light_at(p, n).left;
        count += 1, x += value, y += response, xx += value * value, xy += value * response;
      }
      const double spread = xx - x * x / count;
      const Index gain = formula_.gain_of(sweep);
      p[gain] = spread > 1e-12 * xx ? (xy - x * y / count) / spread : 1;
      p[gain + 1] = (y - p[gain] * x) / count;
    }
  }
  [[nodiscard]] bool free() const { return formula_.free_scale; }

 private:
  [[nodiscard]] ShapeValue shape_at(const Vector<double>& p, Index n) const {
    return evaluate_shape(formula_, p, samples_.control[std::size_t(n)], samples_.sweep[std::size_t(n)],
                          samples_.drift_of(n));
  }
  [[nodiscard]] bool falls() const { return formula_.fall_shape != FallShape::none; }
  /// What is left of the light at the heat of a sample.
  [[nodiscard]] Fall::Value light_at(const Vector<double>& p, Index n) const {
    if (!falls()) return {};
    const double power = heater_power_mw(samples_.control[std::size_t(n)], formula_.resistance_ohm, 0);
    return Fall{formula_.fall_shape, p[formula_.fall()], 0}.at(power);
  }
  [[nodiscard]] Index gain_index(Index n) const { return formula_.gain_of(samples_.sweep[std::size_t(n)]); }
  const RingFormula& formula_;
  const Samples& samples_;
};

Vector<double> start_at(const RingFormula& formula, const RingProblem& problem, const Feature& feature,
                        double width_factor, double beta_per_ma2) {
  Vector<double> p = Vector<double>::Zero(formula.parameters());
  const double half_width_mw = feature.half_width_mw * width_factor;
  const double shift_nm = formula.kappa_nm_per_k * formula.temperature_offset_k[0];
  if (formula.shape == RingFormula::Shape::lorentzian) {
    p[0] = feature.power_mw + shift_nm / formula.eta_nm_per_mw;
    p[1] = std::log(half_width_mw);
    if (formula.free_eta) p[2] = std::log(formula.eta_nm_per_mw);
  } else {
    const double eta = formula.eta_nm_per_mw + formula.package_nm_per_mw;
    const double current_squared = feature.power_mw / (1e-3 * formula.resistance_ohm);
    const double slope = 1 + 2 * beta_per_ma2 * current_squared;  // of the true power by the one without β
    p[0] = eta * feature.power_mw * (1 + beta_per_ma2 * current_squared) + shift_nm;
    const double fwhm_nm = std::min(2 * eta * half_width_mw * slope, formula.fsr_nm / 4);
    p[1] = std::log(1 - self_coupling_of_width(fwhm_nm, formula.fsr_nm, formula.a));
    p[2] = beta_parameter(formula, beta_per_ma2);
    if (formula.free_eta) p[3] = std::log(formula.eta_nm_per_mw);
  }
  if (problem.free()) problem.regress_scale(p);
  return p;
}

double median_of_three(double a, double b, double c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

}  // namespace

std::vector<Feature> curve_features(const Samples& samples, double resistance_ohm) {
  std::vector<std::size_t> order;
  for (std::size_t n = 0; n < samples.sweep.size(); ++n) {
    if (samples.sweep[n] == 0) order.push_back(n);
  }
  require(order.size() >= 3, "curve features: fewer than three samples");
  std::stable_sort(order.begin(), order.end(), [&](std::size_t l, std::size_t r) {
    return std::abs(samples.control[l]) < std::abs(samples.control[r]);  // heat is even in current
  });
  std::vector<double> power, response;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto at = [&](std::size_t n) { return samples.response[order[n]]; };
    power.push_back(heater_power_mw(samples.control[order[k]], resistance_ohm, 0));
    response.push_back(k == 0 || k + 1 == order.size() ? at(k)
                                                       : median_of_three(at(k - 1), at(k), at(k + 1)));
  }
  const double range = std::max(power.back() - power.front(), 1e-9);

  std::vector<Feature> features;
  for (const double direction : {1.0, -1.0}) {
    const auto higher = [&](double l, double r) { return direction * l < direction * r; };
    const auto top = std::max_element(response.begin(), response.end(), higher);
    const double base = *std::min_element(response.begin(), response.end(), higher);
    const double half = (*top + base) / 2;
    const std::ptrdiff_t peak = top - response.begin(), last = std::ptrdiff_t(response.size()) - 1;
    const auto above_half = [&](std::ptrdiff_t k) {
      return direction * (response[std::size_t(k)] - half) > 0;
    };
    std::ptrdiff_t left = peak, right = peak;
    while (left > 0 && above_half(left)) --left;
    while (right < last && above_half(right)) ++right;
    double half_width = range / 4;  // where neither side comes down to half
    const double centre = power[std::size_t(peak)];
    if (!above_half(left)) half_width = centre - power[std::size_t(left)];
    if (!above_half(right)) half_width = std::min(half_width, power[std::size_t(right)] - centre);
    features.push_back({centre, std::max(half_width, range / 100), direction > 0});
  }
  if (features[1].half_width_mw < features[0].half_width_mw) std::swap(features[0], features[1]);
  return features;
}

namespace {

/// The residuals of a ring, and below them those of its priors in units of a response of variance `variance`.
class Posterior {
 public:
  Posterior(const RingFormula& formula, const RingProblem& ring, Index samples,
            const std::vector<Prior>& priors, double variance)
      : formula_(formula), ring_(ring), samples_(samples), priors_(priors), noise_(std::sqrt(variance)) {}

  void residual(const Vector<double>& p, Vector<double>& f) const {
    ring_.residual(p, f);
    for (Index k = 0; k < Index(priors_.size()); ++k) {
      const Prior& prior = priors_[std::size_t(k)];
      f[samples_ + k] = noise_ * (prior_value(formula_, p, k).value - prior.mean) / prior.sigma;
    }
  }
  void jacobian(const Vector<double>& p, Matrix<double>& j) const {
    ring_.jacobian(p, j);  // which clears all rows
    for (Index k = 0; k < Index(priors_.size()); ++k)
      j(samples_ + k, k) = noise_ * prior_value(formula_, p, k).slope / priors_[std::size_t(k)].sigma;
  }
  [[nodiscard]] LeastSquaresFit from(const Vector<double>& start) const {
    const LeastSquaresProblem problem{formula_.parameters(), samples_ + Index(priors_.size()),
                                      [&](const Vector<double>& p, Vector<double>& f) { residual(p, f); },
                                      [&](const Vector<double>& p, Matrix<double>& j) { jacobian(p, j); }};
    return least_squares(problem, start, 1e-9);
  }
  /// Whether every parameter lies where its prior has most of its mass.
  [[nodiscard]] bool probable(const Vector<double>& p) const {
    for (std::size_t k = 0; k < priors_.size(); ++k) {
      if (std::abs(prior_value(formula_, p, Index(k)).value - priors_[k].mean) > 2 * priors_[k].sigma)
        return false;
    }
    return true;
  }

 private:
  const RingFormula& formula_;
  const RingProblem& ring_;
  const Index samples_;
  const std::vector<Prior>& priors_;
  const double noise_;
};

/// The shape that the priors expect, with the gain and offset that the samples then have.
Vector<double> expected_start(const RingFormula& formula, const RingProblem& ring,
                              const std::vector<Prior>& priors) {
  Vector<double> p = Vector<double>::Zero(formula.parameters());
  for (Index k = 0; k < formula.shape_parameters(); ++k) p[k] = priors[std::size_t(k)].mean;
  if (formula.shape == RingFormula::Shape::airy) p[2] = beta_parameter(formula, priors[2].mean);
  if (ring.free()) ring.regress_scale(p);
  return p;
}

/// The variance of the responses: what is left where no ring fits at all.
double spread_of(const std::vector<double>& response) {
  const Eigen::Map<const Eigen::ArrayXd> y(response.data(), Index(response.size()));
  const double middle = mean(y);
  return mean((y - middle).square());
}

bool usable(const LeastSquaresFit& fit) {
  return fit.parameters.size() > 0 && fit.parameters.allFinite() && std::isfinite(fit.sum_of_squares);
}

}  // namespace

RingFit fit_ring(const RingFormula& formula, const Samples& samples, const std::vector<Prior>& priors) {
  require(Index(priors.size()) == formula.shape_parameters(), "fit of a ring: a prior for each of its shape");
  const RingProblem ring(formula, samples);
  const LeastSquaresProblem problem{formula.parameters(), samples.size(),
                                    [&](const Vector<double>& p, Vector<double>& f) { ring.residual(p, f); },
                                    [&](const Vector<double>& p, Matrix<double>& j) { ring.jacobian(p, j); }};
  const double freedom = double(samples.size() - formula.parameters());
  require(freedom > 0, "fit of a ring: as many parameters as samples");
  const double nominal_beta = formula.shape == RingFormula::Shape::airy ? priors[2].mean : 0;
  std::vector<double> betas = {nominal_beta, 0};
  if (nominal_beta == 0) betas = {0};

  // coarse from every start, then the best one to the end
  LeastSquaresFit best;
  bool found = false;
  const auto good_enough = [&] {
    return best.converged && samples.sigma > 0 &&
           best.sum_of_squares <= 2 * freedom * samples.sigma * samples.sigma;
  };
  for (const Feature& feature : curve_features(samples, formula.resistance_ohm)) {
    for (const double width_factor : {1.0, 0.5, 2.0}) {
      for (const double beta : betas) {
        if (found && good_enough()) continue;
        LeastSquaresFit fit =
            least_squares(problem, start_at(formula, ring, feature, width_factor, beta), 1e-4);
        if (!usable(fit)) continue;
        if (!found || fit.sum_of_squares < best.sum_of_squares) best = std::move(fit), found = true;
      }
    }
  }
  if (found) best = least_squares(problem, best.parameters, 1e-9);
  found = usable(best);

  RingFit out;
  const double variance = std::max(found ? best.sum_of_squares / freedom : spread_of(samples.response),
                                   samples.sigma * samples.sigma);
  const Posterior posterior(formula, ring, samples.size(), priors, variance);
  LeastSquaresFit probable;
  if (found) probable = posterior.from(best.parameters);
  // a curve that tells little has many good fits: the one near the design may be more probable
  if (!usable(probable) || !posterior.probable(probable.parameters)) {
    LeastSquaresFit designed = posterior.from(expected_start(formula, ring, priors));
    if (usable(designed) && (!usable(probable) || designed.sum_of_squares < probable.sum_of_squares))
      probable = std::move(designed);
  }
  if (!usable(probable)) return out;
  Vector<double> left(samples.size());
  ring.residual(probable.parameters, left);
  out.parameters = probable.parameters;
  out.rms = std::sqrt(squared_norm(left) / double(samples.size()));
  out.covariance = probable.unit_covariance * variance;
  out.converged = probable.converged;
  out.identified = probable.identified;
  Matrix<double> jacobian(samples.size(), formula.parameters());
  ring.jacobian(probable.parameters, jacobian);
  out.left.rms = out.rms;
  out.left.leverage = leverages(jacobian, probable.unit_covariance);
  if (out.identified) out.left.of_each.assign(left.begin(), left.end());
  out.left.parameters = out.identified
                            ? sum(Eigen::Map<const Eigen::ArrayXd>(out.left.leverage.data(), samples.size()))
                            : double(formula.parameters());
  return out;
}

std::vector<double> predict(const RingFormula& formula, const Vector<double>& parameters,
                            const Samples& samples) {
  const RingProblem ring(formula, samples);
  std::vector<double> out;
  for (Index n = 0; n < samples.size(); ++n) out.push_back(ring.at(parameters, n).value);
  return out;
}

}  // namespace pnn::platforms::mrr::lab
