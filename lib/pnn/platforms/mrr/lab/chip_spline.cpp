// Splines and design values held against the curves of a chip.
#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"
#include "pnn/platforms/mrr/lab/spline_fit.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// Detuning with the design's R at each sample, from the cold resonance at the reference temperature.
std::vector<double> detunings(const Samples& samples, const RingFormula& formula, double eta_nm_per_mw) {
  std::vector<double> out;
  for (std::size_t k = 0; k < samples.sweep.size(); ++k) {
    const double power = heater_power_mw(samples.control[k], formula.resistance_ohm, 0);
    const double offset =
        formula.temperature_offset_k[std::size_t(samples.sweep[k])] + samples.drift_of(Index(k));
    out.push_back(-eta_nm_per_mw * power - formula.kappa_nm_per_k * offset);
  }
  return out;
}

struct SplineOfRing {
  SplineFit spline;
  double eta_nm_per_mw;
};

/// With several temperatures, the η at which their curves lie best on one another (golden section within 30 %
/// of the design); with one, the design's.
SplineOfRing fit_ring_spline(const Samples& samples, const RingFormula& formula, int knots) {
  const auto at = [&](double factor) {
    const double eta = formula.eta_nm_per_mw * factor;
    return SplineOfRing{fit_spline(detunings(samples, formula, eta), samples.response, knots), eta};
  };
  if (!formula.free_eta) return at(1);
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double low = 0.7, high = 1.3;
  double left = high - golden * (high - low), right = low + golden * (high - low);
  SplineOfRing at_left = at(left), at_right = at(right);
  for (int step = 0; step < 14; ++step) {  // 0.6·golden^14: to 0.07 % of η
    if (at_left.spline.rms < at_right.spline.rms) {
      high = right, right = left, at_right = std::move(at_left);
      left = high - golden * (high - low), at_left = at(left);
    } else {
      low = left, left = right, at_left = std::move(at_right);
      right = low + golden * (high - low), at_right = at(right);
    }
  }
  return at_left.spline.rms < at_right.spline.rms ? at_left : at_right;
}

/// The design's curve as a spline: what a ring without a usable curve gets.
SplineFit expected_spline(const Process& process, int knots) {
  SplineFit out;
  const double sign = process.polarity() == Polarity::drop_thru ? 1 : -1;
  const double reach =
      process.eta_nm_per_mw * heater_power_mw(process.current_max_ma, process.resistance_ohm, 0);
  for (int k = 0; k < knots; ++k) {
    const double d = -reach * (1 - double(k) / (knots - 1));
    const RingSlopes ring = ring_slopes(process.delta_nm + d, process.fsr_nm, process.r, process.a);
    out.knots.push_back(d);
    out.values.push_back(sign * (ring.drop - ring.thru));
  }
  return out;
}

}  // namespace

ChipModel fit_splines(const ChipFitInput& input, Progress& progress) {
  const std::size_t devices = input.devices(), elements = input.elements(),
                    knots = std::size_t(input.settings.knots);
  ChipModel chip;
  chip.key = input.curves.key;
  chip.layers = input.curves.layers;
  chip.kind = "spline";
  chip.elements = input.curves.elements;
  chip.parameters = {"degrees_of_freedom", "eta_nm_per_mw"};
  chip.units = {"1", "nm/mW"};
  chip.values = Array<double>({devices, elements, 2});
  chip.covariance = Array<double>({devices, elements, 2, 2});
  chip.rms_residual = Array<double>({devices, elements});
  chip.more["knot_detuning"] = chip.more["knot_weight"] = Array<double>({devices, elements, knots});
  chip.remarks.resize(elements);
  prepare_quality(chip);
  std::vector<NoiseFrom> noise(devices * elements, NoiseFrom::nothing);
  for (std::size_t device = 0; device < devices; ++device) {
    parallel_for(elements, [&](std::size_t element) {
      stop_if_asked();
      const ElementSamples curve = element_samples(input.curves, device, element);
      const RingFormula formula = ring_formula(input, curve.sweep_of);
      const std::vector<double>& current = curve.samples.control;
      const auto [least, most] = std::minmax_element(current.begin(), current.end());
      ElementVerdict verdict;
      verdict.measured = !current.empty() && *most > *least;
      const SplineOfRing ring =
          verdict.measured ? fit_ring_spline(curve.samples, formula, int(knots))
                           : SplineOfRing{expected_spline(input.process, int(knots)), formula.eta_nm_per_mw};
      SplineFit fit = ring.spline;
      const std::size_t at = device * elements + element;
      Residuals left{fit.rms, fit.degrees_of_freedom, fit.left, fit.leverage};
      verdict.dead = verdict.measured && is_dead(curve.samples, noise_of(curve.samples), left);
      if (verdict.dead) {
        left = left_by_levels(curve.samples);
        fit.rms = left.rms, fit.degrees_of_freedom = 1;
        std::fill(fit.values.begin(), fit.values.end(), levels_of(curve.samples).of_sweep.front());
      }
      verdict.rms = fit.rms;
      if (verdict.measured) verdict.quality = quality_of(curve.samples, left);
      noise[at] = verdict.quality.noise.from;
      if (verdict.measured) store_quality(verdict.quality, verdict.dead, at, chip);
      chip.values.data[2 * at] = fit.degrees_of_freedom;
      chip.values.data[2 * at + 1] = ring.eta_nm_per_mw;
      chip.rms_residual.data[at] = fit.rms;
      for (std::size_t k = 0; k < knots; ++k) {
        chip.more["knot_detuning"].data[at * knots + k] = fit.knots[k];
        chip.more["knot_weight"].data[at * knots + k] = fit.values[k];
      }
      if (device == 0) chip.remarks[element] = remark_of(verdict, curve.samples, input);
    });
    progress.update(device + 1, devices, "devices", "");
    if (progress.stop_requested()) throw Interrupted("fit stopped; nothing was written");
  }
  finish_quality(noise, chip);
  return chip;
}

void rate_nominal(const ChipFitInput& input, ChipModel& nominal) {
  prepare_quality(nominal);
  std::vector<NoiseFrom> noise(nominal.elements.size(), NoiseFrom::nothing);
  // the design is the same for every device, and one model serves them all: rms over devices
  for (std::size_t element = 0; element < std::min(input.elements(), nominal.elements.size()); ++element) {
    stop_if_asked();
    double squares = 0, count = 0;
    ElementVerdict verdict;
    for (std::size_t device = 0; device < input.devices(); ++device) {
      const ElementSamples curve = element_samples(input.curves, device, element);
      RingFormula formula = ring_formula(input, curve.sweep_of);
      formula.free_scale = false;
      formula.free_eta = false;
      formula.row.resize(formula.temperature_offset_k.size());
      const Vector<double> design{
          {input.process.delta_nm, std::log(1 - input.process.r), beta_parameter(formula, 0)}};
      const std::vector<double> predicted = predict(formula, design, curve.samples);
      for (std::size_t k = 0; k < predicted.size(); ++k) {
        const double residual = predicted[k] - curve.samples.response[k];
        squares += residual * residual, count += 1;
      }
      if (device + 1 < input.devices() || count == 0) continue;
      verdict.rms = std::sqrt(squares / count);
      const Residuals left{verdict.rms, 0, {}, {}};
      verdict.quality = quality_of(curve.samples, left);
      verdict.dead = is_dead(curve.samples, verdict.quality.noise, left);
      if (curve.samples.size() > 0) nominal.remarks[element] = remark_of(verdict, curve.samples, input);
      store_quality(verdict.quality, false, element, nominal);
      noise[element] = verdict.quality.noise.from;
    }
    nominal.rms_residual.data[element] = verdict.rms;
  }
  finish_quality(noise, nominal);
}

}  // namespace pnn::platforms::mrr::lab
