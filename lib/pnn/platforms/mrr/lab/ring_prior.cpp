#include "pnn/platforms/mrr/lab/ring_prior.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/text.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

// Floors and tolerances of the header, in the same order: δ, logarithms of widths and η, β·I_max².
constexpr double floor_nm = 0.25, floor_log = 0.34, floor_resistance = 0.3;
constexpr double left_out_nm = 0.02, left_out_log = 0.05, left_out_resistance = 0.05;

Prior prior_of(double mean, double process_sigma, double floor, double left_out) {
  return {mean, std::max(process_sigma, floor), std::hypot(process_sigma, left_out)};
}

bool is_airy(const RingFormula& formula) {
  return formula.shape == RingFormula::Shape::airy;
}

/// A parameter as a person reads it.
struct Shown {
  const char *name, *unit;
  double value;
};
Shown shown(const RingFormula& formula, Index k, double value) {
  if (!is_airy(formula)) {
    if (k == 0) return {"resonance power", " mW", value};
    if (k == 1) return {"half width", " mW", std::exp(value)};
    return {"eta", " nm/mW", std::exp(value)};
  }
  if (k == 0) return {"delta", " nm", value};
  if (k == 1) return {"r", "", 1 - std::exp(value)};
  if (k == 2) return {"beta", " 1/mA^2", value};
  return {"eta", " nm/mW", std::exp(value)};
}

}  // namespace

std::vector<Prior> ring_priors(const RingFormula& formula, const Process& process) {
  const double power = std::hypot(process.eta_sigma, process.resistance_sigma);  // of η R, relative
  const double beta = process.beta_per_ma2, square = std::pow(formula.current_scale_ma, 2);
  const double delta_sigma = std::hypot(process.delta_sigma_nm, process.delta_nm * power);
  const double width_sigma = std::hypot(process.r_sigma / (1 - process.r), power);
  std::vector<Prior> priors;
  if (is_airy(formula)) {
    priors.push_back(prior_of(process.delta_nm, delta_sigma, floor_nm, left_out_nm));
    priors.push_back(prior_of(std::log(1 - process.r), width_sigma, floor_log, left_out_log));
    priors.push_back(prior_of(beta, process.beta_sigma * std::abs(beta), floor_resistance / square,
                              left_out_resistance / square));
  } else {
    // the formula has no β: P_res = δ/η and P_hw = γ/η shrink by what the resistance has risen at resonance,
    // P (1 + β I²) = δ/η, and of the heat beside it by dP
    const double eta = process.eta_nm_per_mw, cold_mw = process.delta_nm / eta;
    const double x = std::max(0.0, cold_mw) / (1e-3 * process.resistance_ohm);  // I² + β I⁴ = x
    const double root = std::sqrt(std::max(0.0, 1 + 4 * beta * x));
    const double resonance = 2 * x / (1 + root), rise = 1 + beta * resonance,
                 slope = 1 + 2 * beta * resonance;
    const double g = process.r * process.r * process.a;
    const double half_nm = process.fsr_nm * (1 - g) / (2 * std::numbers::pi * std::sqrt(g));
    priors.push_back(prior_of(cold_mw / rise, delta_sigma / eta, floor_nm / eta, 0.05 * std::abs(cold_mw)));
    // an airy resonance is no Lorentzian beyond its half width, nor with β
    priors.push_back(prior_of(std::log(half_nm / eta / std::max(0.1, slope)), width_sigma, floor_log, 0.15));
  }
  if (formula.free_eta)
    priors.push_back(prior_of(std::log(process.eta_nm_per_mw), power, floor_log, left_out_log));
  return priors;
}

PriorValue prior_value(const RingFormula& formula, const Vector<double>& p, Index k) {
  if (is_airy(formula) && k == 2) return {beta_of(formula, p[k]), beta_slope(formula, p[k])};
  return {p[k], 1};
}

std::string prior_remark(const RingFormula& formula, const Vector<double>& p, Index k, double sigma,
                         const Prior& prior) {
  const double value = prior_value(formula, p, k).value;
  const Shown found = shown(formula, k, value), design = shown(formula, k, prior.mean);
  if (sigma > 0.5 * prior.sigma) {
    return std::string("the curve does not tell ") + found.name + ": held near its design value " +
           format_short(design.value, 3) + design.unit;
  }
  if (std::abs(value - prior.mean) <= 4 * std::hypot(prior.spread, sigma)) return {};
  const double width = std::abs(shown(formula, k, prior.mean + prior.spread).value - design.value);
  return std::string(found.name) + " is " + format_short(found.value, 3) + found.unit +
         ", where the process makes " + format_short(design.value, 3) + " ± " + format_short(width, 2);
}

}  // namespace pnn::platforms::mrr::lab
