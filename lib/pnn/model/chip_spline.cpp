// Splines and design values held against the curves of a chip.
#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/model/chip_fit.hpp"
#include "pnn/model/spline_fit.hpp"

namespace pnn::model {
namespace {

/// Detuning of the design's η and R at each sample, from the cold resonance at the reference temperature.
std::vector<double> nominal_detunings(const RingSamples& samples, const RingFormula& formula) {
  std::vector<double> out;
  for (std::size_t k = 0; k < samples.sweep.size(); ++k) {
    const double power = heater_power_mw(samples.current_ma[k], formula.resistance_ohm, 0);
    const double offset = formula.temperature_offset_k[std::size_t(samples.sweep[k])];
    out.push_back(-formula.eta_nm_per_mw * power - formula.kappa_nm_per_k * offset);
  }
  return out;
}

/// The design's curve as a spline: what a ring without a usable curve gets.
SplineFit expected_spline(const platform::MrrProcess& process, int knots) {
  SplineFit out;
  const double sign = process.polarity == platform::Polarity::drop_thru ? 1 : -1;
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
  chip.parameters = {"degrees_of_freedom"};
  chip.units = {"1"};
  chip.values = Array<double>({devices, elements, 1});
  chip.covariance = Array<double>({devices, elements, 1, 1});
  chip.rms_residual = Array<double>({devices, elements});
  chip.knot_detuning_nm = chip.knot_weight = Array<double>({devices, elements, knots});
  chip.remarks.resize(elements);
  for (std::size_t device = 0; device < devices; ++device) {
    parallel_for(elements, [&](std::size_t element) {
      const ElementSamples curve = element_samples(input.curves, device, element);
      const RingFormula formula = ring_formula(input, curve.sweep_of);
      const std::vector<double> detuning = nominal_detunings(curve.samples, formula);
      const auto [least, most] = std::minmax_element(detuning.begin(), detuning.end());
      ElementVerdict verdict;
      verdict.measured = !detuning.empty() && *most > *least;
      const SplineFit fit = verdict.measured ? fit_spline(detuning, curve.samples.response, int(knots))
                                             : expected_spline(input.process, int(knots));
      verdict.rms = fit.rms;
      const std::size_t at = device * elements + element;
      chip.values.data[at] = fit.degrees_of_freedom;
      chip.rms_residual.data[at] = fit.rms;
      for (std::size_t k = 0; k < knots; ++k) {
        chip.knot_detuning_nm.data[at * knots + k] = fit.knots[k];
        chip.knot_weight.data[at * knots + k] = fit.values[k];
      }
      if (device == 0) chip.remarks[element] = remark_of(verdict, curve.samples, input);
    });
    progress.update(device + 1, devices, "devices", "");
    if (progress.stop_requested()) throw Interrupted("fit stopped; nothing was written");
  }
  return chip;
}

void rate_nominal(const ChipFitInput& input, ChipModel& nominal) {
  // the design is the same for every device, and one model serves them all: rms over devices
  for (std::size_t element = 0; element < std::min(input.elements(), nominal.elements.size()); ++element) {
    double squares = 0, count = 0;
    for (std::size_t device = 0; device < input.devices(); ++device) {
      const ElementSamples curve = element_samples(input.curves, device, element);
      RingFormula formula = ring_formula(input, curve.sweep_of);
      formula.scale = RingFormula::Scale::row;
      formula.free_eta = false;
      formula.row.resize(formula.temperature_offset_k.size());
      const Vector<double> design{{input.process.delta_nm, std::log(1 - input.process.r), 0.0}};
      const std::vector<double> predicted = predict(formula, design, curve.samples);
      for (std::size_t k = 0; k < predicted.size(); ++k) {
        const double residual = predicted[k] - curve.samples.response[k];
        squares += residual * residual, count += 1;
      }
    }
    nominal.rms_residual.data[element] = count > 0 ? std::sqrt(squares / count) : 0;
  }
}

}  // namespace pnn::model
