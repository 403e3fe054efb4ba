// Fits of the lorentzian and airy formulas to the rings of a chip.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/lab/crosstalk_fit.hpp"
#include "pnn/platforms/mrr/lab/row_geometry.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// A reported parameter: its value, and its derivatives by those of the fit on which it depends.
struct Reported {
  double value;
  std::vector<std::pair<Index, double>> slopes;
};

/// From the parameters of the formula to those of the file; gain and offset are those of the reference
/// temperature.
std::vector<Reported> report_parameters(const RingFormula& formula, const Vector<double>& p, bool with_scale,
                                        bool with_eta) {
  std::vector<Reported> out;
  if (formula.shape == RingFormula::Shape::lorentzian) {
    out = {{p[0], {{0, 1}}}, {std::exp(p[1]), {{1, std::exp(p[1])}}}};
  } else {
    out = {{p[0], {{0, 1}}},
           {1 - std::exp(p[1]), {{1, -std::exp(p[1])}}},
           {beta_of(formula, p[2]), {{2, beta_slope(formula, p[2])}}}};
  }
  if (with_scale) {
    Reported gain{0, {}}, offset{0, {}};
    for (const auto& [sweep, share] : shares_at_reference(formula.temperature_offset_k)) {
      const Index at = formula.gain_of(sweep);
      gain.value += share * p[at], gain.slopes.emplace_back(at, share);
      offset.value += share * p[at + 1], offset.slopes.emplace_back(at + 1, share);
    }
    out.push_back(std::move(gain)), out.push_back(std::move(offset));
  }
  if (with_eta) {
    const Index eta = formula.shape_parameters() - 1;
    if (formula.free_eta) {
      out.push_back({std::exp(p[eta]), {{eta, std::exp(p[eta])}}});
    } else {
      out.push_back({formula.eta_nm_per_mw, {}});
    }
  }
  return out;
}

/// The parameters that the process expects: what an element without a usable curve gets.
Vector<double> expected_parameters(const RingFormula& formula, const Process& process) {
  Vector<double> p = Vector<double>::Zero(formula.parameters());
  const double sign = process.polarity() == Polarity::drop_thru ? 1 : -1;
  double gain = sign, offset = 0;
  if (formula.shape == RingFormula::Shape::lorentzian) {
    const double s = process.r * process.r, root = process.r * std::sqrt(process.a);
    const double fwhm = process.fsr_nm * (1 - s * process.a) / (std::numbers::pi * root);
    const RingSlopes on = ring_slopes(0, process.fsr_nm, process.r, process.a);
    const RingSlopes off = ring_slopes(process.fsr_nm / 2, process.fsr_nm, process.r, process.a);
    p[0] = process.delta_nm / process.eta_nm_per_mw;
    p[1] = std::log(fwhm / 2 / process.eta_nm_per_mw);
    offset = sign * (off.drop - off.thru);
    gain = sign * (on.drop - on.thru) - offset;
  } else {
    p[0] = process.delta_nm;
    p[1] = std::log(1 - process.r);
    p[2] = beta_parameter(formula, process.beta_per_ma2);
  }
  if (formula.free_eta) p[formula.shape_parameters() - 1] = std::log(process.eta_nm_per_mw);
  if (formula.free_scale) {
    for (Index sweep = 0; sweep < formula.sweeps(); ++sweep) {
      p[formula.gain_of(sweep)] = gain;
      p[formula.gain_of(sweep) + 1] = offset;
    }
  }
  return p;
}

/// Current at which the ring meets its channel at the reference temperature, or negative: beyond all
/// currents.
double resonance_current_ma(const RingFormula& formula, const Vector<double>& p) {
  double power = p[0], beta = 0;
  if (formula.shape == RingFormula::Shape::airy) {
    const double eta = formula.free_eta ? std::exp(p[3]) : formula.eta_nm_per_mw;
    power = p[0] / (eta + formula.package_nm_per_mw);
    beta = beta_of(formula, p[2]);
  }
  const double x = power / (1e-3 * formula.resistance_ohm);  // I² + β I⁴ = x
  const double root = 1 + 4 * beta * x;
  if (x < 0 || root < 0) return -1;
  return std::sqrt(2 * x / (1 + std::sqrt(root)));
}

/// What the shape itself leaves, its gain and offset dropped.
double rms_without_scale(RingFormula formula, const Vector<double>& p, const Samples& samples) {
  formula.free_scale = false;
  const std::vector<double> predicted = predict(formula, p, samples);
  double squares = 0;
  for (std::size_t k = 0; k < predicted.size(); ++k)
    squares += std::pow(predicted[k] - samples.response[k], 2);
  return std::sqrt(squares / double(predicted.size()));
}

/// Everything about one element after its fit.
struct Outcome {
  std::vector<Reported> reported;
  Matrix<double> covariance;  ///< of the fit's parameters
  double rms = 0;
  FittedRing ring;  ///< as its neighbours see it
  ElementVerdict verdict;
  std::string remark;
};

/// The fit with a fall of the light, in the shape that fits better, where the curve demands it. Otherwise the
/// fit is returned, and `formula` left, as they were.
RingFit with_fall(RingFormula& formula, const Samples& samples, const std::vector<Prior>& priors, RingFit fit,
                  Fall& fall) {
  const double range = range_of(samples), rms_before = fit.rms, power = largest_power_mw(formula, samples);
  const Quality before = quality_of(samples, fit.left);
  if (!formula.free_scale || !stands_out(before, fit.rms, range)) return fit;
  const auto candidate = [&](FallShape shape) -> std::optional<RingFit> {
    RingFormula falling = formula;
    falling.fall_shape = shape;
    if (samples.size() <= falling.parameters()) return {};
    RingFit other = fit_ring(falling, samples, priors);
    if (!other.converged || !other.identified) return {};
    const Index at = falling.fall();
    const Fall found{shape, other.parameters[at], std::sqrt(other.covariance(at, at))};
    if (!demands_fall(before, rms_before, quality_of(samples, other.left), found, power, range)) return {};
    return other;
  };
  std::optional<RingFit> curved = candidate(FallShape::exponential), straight = candidate(FallShape::linear);
  if (!curved && !straight) return fit;
  const bool told = !curved || !straight || tells_shapes(curved->rms, straight->rms, samples.size());
  const bool exponential = curved && (!told || !straight || curved->rms < straight->rms);
  if (!told) {
    const Vector<double> apart = curved->parameters - straight->parameters;
    curved->covariance += apart * apart.transpose();
  }
  fit = std::move(exponential ? *curved : *straight);
  formula.fall_shape = exponential ? FallShape::exponential : FallShape::linear;
  const Index at = formula.fall();
  fall = {formula.fall_shape, fit.parameters[at], std::sqrt(fit.covariance(at, at))};
  return fit;
}

/// Makes a fit that of a ring which does not respond: constant at the mean of each sweep. Among its
/// neighbours it stands where it has that weight with the r of the design, nearest to where that stands.
void take_dead(const RingFormula& formula, const Process& process, const Samples& samples, RingFit& fit) {
  fit.parameters = expected_parameters(formula, process);
  fit.covariance = Matrix<double>::Zero(formula.parameters(), formula.parameters());
  const Levels levels = levels_of(samples);
  fit.left = left_by_levels(samples);
  fit.rms = levels.rms;
  if (formula.free_scale) {
    const Noise noise = noise_of(samples);
    for (Index sweep = 0; sweep < formula.sweeps(); ++sweep) {
      const Index gain = formula.gain_of(sweep);
      fit.parameters[gain] = 0;
      fit.parameters[gain + 1] = levels.of_sweep[std::size_t(sweep)];
      const auto count = std::count(samples.sweep.begin(), samples.sweep.end(), sweep);
      fit.covariance(gain + 1, gain + 1) = noise.sigma * noise.sigma / double(std::max<Index>(1, count));
    }
  }
  if (formula.row.empty()) return;
  constexpr int steps = 4000;
  double least = std::numeric_limits<double>::infinity();
  Vector<double> p = fit.parameters;
  for (int k = 0; k <= steps;
       ++k) {  // outwards from the design, over half a free spectral range to each side
    const double away = formula.fsr_nm / 2 * ((k + 1) / 2) / (steps / 2.0);
    p[0] = process.delta_nm + (k % 2 == 0 ? away : -away);
    double squares = 0;
    for (Index sweep = 0; sweep < formula.sweeps(); ++sweep)
      squares +=
          std::pow(evaluate_shape(formula, p, 0, sweep).value - levels.of_sweep[std::size_t(sweep)], 2);
    if (squares < least * (1 - 1e-9)) least = squares, fit.parameters[0] = p[0];
  }
}

Outcome fit_element(const ChipFitInput& input, const RowGeometry* geometry,
                    const std::vector<FittedRing>& rings, std::size_t device, std::size_t element,
                    bool with_eta) {
  const ElementSamples curve = element_samples(input.curves, device, element);
  RingFormula formula = ring_formula(input, curve.sweep_of);
  if (geometry != nullptr) {
    // without a second temperature η, and with it where the neighbours stand, is a guess of the process:
    // their light is then left to a gain and an offset, which the model drops
    formula.free_scale = !formula.free_eta;
    formula.package_nm_per_mw = input.process.kappa_nm_per_k * input.process.package_k_per_mw;
    for (const double offset : formula.temperature_offset_k) {
      formula.row.push_back(geometry->parked_terms(element, rings, offset));
    }
  }

  Outcome out;
  ElementVerdict& verdict = out.verdict;
  verdict.measured = !curve.sweep_of.empty() && curve.samples.size() > formula.parameters();
  RingFit fit;
  const std::vector<Prior> priors = ring_priors(formula, input.process);
  if (verdict.measured) fit = fit_ring(formula, curve.samples, priors);
  const bool usable = fit.parameters.size() > 0;
  if (usable) {
    verdict.dead = is_dead(curve.samples, noise_of(curve.samples), fit.left);
    if (verdict.dead) {
      take_dead(formula, input.process, curve.samples, fit);
    } else {
      fit = with_fall(formula, curve.samples, priors, std::move(fit), verdict.fall);
    }
  } else {
    fit.parameters = expected_parameters(formula, input.process);
    fit.covariance = Matrix<double>::Zero(formula.parameters(), formula.parameters());
  }
  out.reported = report_parameters(formula, fit.parameters, geometry == nullptr, with_eta);
  out.covariance = fit.covariance;
  out.rms =
      geometry != nullptr && usable ? rms_without_scale(formula, fit.parameters, curve.samples) : fit.rms;
  if (usable) {
    fit.left.rms = out.rms;
    verdict.quality = quality_of(curve.samples, fit.left);
  }
  if (formula.shape == RingFormula::Shape::airy) {
    out.ring.delta_nm = fit.parameters[0];
    out.ring.r = 1 - std::exp(fit.parameters[1]);
    out.ring.beta_per_ma2 = beta_of(formula, fit.parameters[2]);
    out.ring.eta_nm_per_mw = formula.free_eta ? std::exp(fit.parameters[3]) : formula.eta_nm_per_mw;
    if (verdict.dead) out.ring.eta_nm_per_mw = 0;
  }
  verdict.converged = fit.converged;
  verdict.identified = fit.identified;
  verdict.rms = out.rms;
  verdict.resonance_ma = resonance_current_ma(formula, fit.parameters);
  for (Index k = 0; fit.converged && fit.identified && k < formula.shape_parameters(); ++k) {
    const double sigma =
        std::sqrt(fit.covariance(k, k)) * std::abs(prior_value(formula, fit.parameters, k).slope);
    std::string told = prior_remark(formula, fit.parameters, k, sigma, priors[std::size_t(k)]);
    if (!told.empty()) verdict.against_process.push_back(std::move(told));
  }
  out.remark = remark_of(verdict, curve.samples, input);
  return out;
}

ChipModel empty_model(const ChipFitInput& input, bool with_eta) {
  ChipModel chip;
  chip.key = input.curves.key;
  chip.layers = input.curves.layers;
  chip.kind = input.settings.kind;
  chip.elements = input.curves.elements;
  const auto add = [&](const char* name, const char* unit) {
    chip.parameters.emplace_back(name);
    chip.units.emplace_back(unit);
  };
  if (chip.kind == "lorentzian") {
    add("p_res_mw", "mW"), add("p_hw_mw", "mW"), add("amplitude", "1"), add("offset", "1");
  } else {
    add("delta_nm", "nm"), add("r", "1"), add("beta_per_ma2", "1/mA^2");
    if (chip.kind == "airy") add("gain", "1"), add("offset", "1");
  }
  if (with_eta) add("eta_nm_per_mw", "nm/mW");
  const std::size_t devices = input.devices(), elements = input.elements(), count = chip.parameters.size();
  chip.values = Array<double>({devices, elements, count});
  chip.covariance = Array<double>({devices, elements, count, count});
  chip.rms_residual = Array<double>({devices, elements});
  chip.remarks.resize(elements);
  prepare_quality(chip);
  prepare_falls(chip);
  return chip;
}

void store(const Outcome& outcome, std::size_t device, std::size_t element, ChipModel& chip) {
  const std::size_t elements = chip.values.dim(1), count = chip.values.dim(2),
                    at = device * elements + element;
  for (std::size_t k = 0; k < count; ++k) {
    const Reported& row = outcome.reported[k];
    chip.values.data[at * count + k] = row.value;
    for (std::size_t l = 0; l < count; ++l) {
      if (row.slopes.empty() || outcome.reported[l].slopes.empty()) continue;
      double& covariance = chip.covariance.data[(at * count + k) * count + l];
      covariance = -0.0;  // so that a sum of one product is that product, also where it is a zero
      for (const auto& [source, slope] : row.slopes)
        for (const auto& [other, slope_of_other] : outcome.reported[l].slopes)
          covariance += slope * slope_of_other * outcome.covariance(source, other);
    }
  }
  chip.rms_residual.data[at] = outcome.rms;
  if (outcome.verdict.measured) store_quality(outcome.verdict.quality, outcome.verdict.dead, at, chip);
  store_fall(outcome.verdict.fall, at, chip);
  if (device == 0) chip.remarks[element] = outcome.remark;
}

/// χ and ℓ of one device from its pair sweeps, given its rings.
void fit_pairs(const ChipFitInput& input, const RowGeometry& geometry, const std::vector<FittedRing>& rings,
               std::size_t device, ChipModel& chip) {
  double sigma = 0;
  const std::vector<PairSweep> pairs = geometry.pair_sweeps(input.curves, device, rings, sigma);
  const double sign = input.process.polarity() == Polarity::drop_thru ? 1 : -1;
  const CrosstalkFit fit =
      fit_crosstalk(pairs, input.process.fsr_nm, input.process.a, sign, sigma, input.process.crosstalk);
  chip.more.at("crosstalk").slice(device)[0] = fit.crosstalk;
  chip.more.at("crosstalk").slice(device)[1] = fit.length;
  chip.more.at("crosstalk_sigma").slice(device)[0] = fit.crosstalk_sigma;
  chip.more.at("crosstalk_sigma").slice(device)[1] = fit.length_sigma;
}

}  // namespace

ChipModel fit_formula(const ChipFitInput& input, Progress& progress) {
  const bool with_eta = identifies_eta(input.curves), in_row = input.settings.kind == "airy+crosstalk";
  std::optional<RowGeometry> geometry;
  if (in_row) geometry.emplace(input.curves, input.process, input.plans);
  ChipModel chip = empty_model(input, with_eta);
  if (in_row) chip.more["crosstalk"] = chip.more["crosstalk_sigma"] = Array<double>({input.devices(), 2});

  // a ring's light passes its neighbours, so rings fitted in one round correct those of the next; an error
  // of a neighbour reaches a ring reduced some fifty times, hence three rounds
  const int rounds = in_row ? 3 : 1;
  constexpr std::size_t block = 1024;
  const std::size_t elements = input.elements(), total = input.devices() * elements * std::size_t(rounds);
  std::size_t done = 0;
  std::vector<NoiseFrom> noise;
  for (std::size_t device = 0; device < input.devices(); ++device) {
    const Process& process = input.process;
    std::vector<FittedRing> rings(elements,
                                  {process.delta_nm, process.eta_nm_per_mw, process.beta_per_ma2, process.r});
    std::vector<Outcome> outcomes(elements);
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t begin = 0; begin < elements; begin += block) {
        const std::size_t count = std::min(block, elements - begin);
        parallel_for(count, [&](std::size_t k) {
          outcomes[begin + k] =
              fit_element(input, in_row ? &*geometry : nullptr, rings, device, begin + k, with_eta);
        });
        done += count;
        progress.update(done, total, "fits", "");
        if (progress.stop_requested()) throw Interrupted("fit stopped; nothing was written");
      }
      for (std::size_t k = 0; k < elements; ++k) rings[k] = outcomes[k].ring;
    }
    for (std::size_t k = 0; k < elements; ++k) store(outcomes[k], device, k, chip);
    for (const Outcome& outcome : outcomes) noise.push_back(outcome.verdict.quality.noise.from);
    if (in_row) fit_pairs(input, *geometry, rings, device, chip);
  }
  finish_quality(noise, chip);
  finish_falls(chip);
  return chip;
}

}  // namespace pnn::platforms::mrr::lab
