#include "pnn/platforms/mrr/lab/readings.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/model/samples.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/lab/ring_fit.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::platforms::mrr::lab {

std::optional<Polarity> detect_polarity(const Curves& curves) {
  double low = 0, high = 0;  // how far curves begin below the middle of their range, and above it
  for (const ChipCurves& chip : curves.chips) {
    const std::size_t points = chip.response.dim(3);
    for (std::size_t begin = 0; points > 0 && begin < chip.response.size(); begin += points) {
      double least = 0, most = 0, first = 0, first_control = 0;
      bool any = false;
      for (std::size_t k = begin; k < begin + points; ++k) {
        const double response = chip.response.data[k], control = std::abs(chip.control.data[k]);
        if (!std::isfinite(response) || !std::isfinite(control)) continue;
        if (!any || control < first_control) first = response, first_control = control;
        least = any ? std::min(least, response) : response;
        most = any ? std::max(most, response) : response;
        any = true;
      }
      const double above = any ? first - (least + most) / 2 : 0;
      (above < 0 ? low : high) += std::abs(above);
    }
  }
  constexpr double few = 0.25;
  if (std::min(low, high) > few * std::max(low, high) || low == high) return std::nullopt;
  return low > high ? Polarity::drop_thru : Polarity::thru_drop;
}

double largest_weight(const Process& process) {
  const auto weight = [&](double detuning_nm) {
    const auto t = ring_transmission(detuning_nm, process.fsr_nm, process.r, process.r, process.a);
    return std::abs(t.drop - t.thru);
  };
  return std::max(weight(0), weight(process.fsr_nm / 2));
}

std::optional<double> strangeness_of_rings(const Curves& curves, const Process& process) {
  constexpr std::size_t most = 32, fewest_samples = 8;
  const double cold_mw = process.delta_nm / process.eta_nm_per_mw;
  const double g = process.r * process.r * process.a;
  const double half_mw =
      process.fsr_nm * (1 - g) / (2 * std::numbers::pi * std::sqrt(g)) / process.eta_nm_per_mw;
  if (cold_mw <= 0) return std::nullopt;
  std::vector<double> all;
  for (const ChipCurves& chip : curves.chips) {
    for (std::size_t element = 0; element < std::min(most, chip.elements.size()); ++element) {
      const ElementSamples curve = element_samples(chip, 0, element);
      if (curve.samples.control.size() < fewest_samples) continue;
      const Feature feature = curve_features(curve.samples, process.resistance_ohm).front();
      const double power = std::max(feature.power_mw, 1e-12), half = std::max(feature.half_width_mw, 1e-12);
      all.push_back(std::abs(std::log(power / cold_mw)) + std::abs(std::log(half / half_mw)));
    }
  }
  if (all.empty()) return std::nullopt;
  return median(std::move(all));
}

Trace weight_trace(std::vector<double> time_s, const std::vector<double>& weight, const Process& p,
                   double scale, bool upper_flank) {
  check_times(time_s, weight.size());
  Trace trace;
  trace.time_s = std::move(time_s);
  double largest = 0;
  for (double w : weight) largest = std::max(largest, std::abs(w));
  if (scale <= 0) scale = largest > 1 ? largest : 1;
  const double sign = p.polarity() == Polarity::drop_thru ? 1 : -1;
  const auto weight_at = [&](double detuning) {
    const auto t = ring_transmission(detuning, p.fsr_nm, p.r, p.r, p.a);
    return t.drop - t.thru;
  };
  const double top = weight_at(0), bottom = weight_at(p.fsr_nm / 2);
  // Below the resonance current a ring sits at positive detuning, above it at negative.
  const auto detuning_of = [&](double w) {
    double inner = 0, outer = p.fsr_nm / 2;  // the curve falls from inner to outer
    for (int k = 0; k < 60; ++k) {
      const double middle = 0.5 * (inner + outer);
      (weight_at(middle) > w ? inner : outer) = middle;
    }
    return upper_flank ? -inner : inner;
  };
  double first = 0;
  for (std::size_t k = 0; k < weight.size(); ++k) {
    const double w = sign * weight[k] / scale;
    const double reachable = std::clamp(w, bottom, top);
    trace.clipped += reachable != w;
    const double detuning = detuning_of(reachable);
    if (k == 0) first = detuning;
    trace.drift_k.push_back(-(detuning - first) / p.kappa_nm_per_k);  // d falls by κ a kelvin
  }
  return trace;
}

}  // namespace pnn::platforms::mrr::lab
