// What is wrong with an element, in the words of somebody who looks at its curve.
#include <algorithm>
#include <cmath>
#include <functional>

#include "pnn/core/text.hpp"
#include "pnn/platforms/mrr/lab/chip_fit.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

struct Resonances {
  int count = 0;
  bool dips = false;
};

/// Resonances within one sweep: extrema that stand out from both sides by more than a third of the curve's
/// range. They are dips where the curve starts (off resonance, as a cold ring is) near its upper end.
Resonances count_resonances(const Samples& samples) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < samples.sweep.size(); ++k) {
    if (samples.sweep[k] == 0) order.push_back(k);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t l, std::size_t r) { return samples.control[l] < samples.control[r]; });
  std::vector<double> curve;
  curve.reserve(order.size());
  for (const std::size_t k : order) curve.push_back(samples.response[k]);
  const auto [least, most] = std::minmax_element(curve.begin(), curve.end());
  const double step = (*most - *least) / 3;
  Resonances out;
  out.dips = curve.front() > (*least + *most) / 2;
  if (out.dips) std::transform(curve.begin(), curve.end(), curve.begin(), std::negate<>());
  bool rising = true;
  double turn = curve.front();  // lowest since the last resonance, or highest since the last valley
  for (const double value : curve) {
    if (rising) {
      if (value > turn + step) rising = false, turn = value, ++out.count;
      turn = rising ? std::min(turn, value) : turn;
    } else {
      if (value < turn - step) rising = true, turn = value;
      turn = rising ? turn : std::max(turn, value);
    }
  }
  return out;
}

/// The noise of a curve where it is known, else 0: a guess excuses no residual.
double known_noise(const Noise& noise) {
  return noise.from == NoiseFrom::neighbouring_readings ? 0 : noise.sigma;
}

/// What the residuals say.
std::string remark_on_shape(const ElementVerdict& verdict, const Samples& samples,
                            const ChipFitInput& input) {
  const bool spline = input.settings.kind == "spline", nominal = input.settings.kind == "nominal";
  // a share of the curve's own half range: in any unit of the response the same rings are bad; what the
  // curve's own noise explains is no fault of the formula
  if (verdict.rms > input.settings.bad_residual * range_of(samples) / 2 &&
      verdict.rms > 1.5 * known_noise(verdict.quality.noise)) {
    std::string text = "rms " + format_short(verdict.rms, 2);
    if (nominal) return text + " against its design";
    if (const std::string scatter = text_of_scatter(verdict.quality, verdict.rms); !scatter.empty())
      return text + ": " + scatter;
    if (spline) return text + ": structure finer than the knots; try more --knots";
    const Resonances resonances = count_resonances(samples);
    if (resonances.count > 1)
      return text + ": " + std::to_string(resonances.count) + (resonances.dips ? " dips" : " peaks") +
             " in the range; try spline";
    return text + ": not the shape of a ring; try spline";
  }
  if (!stands_out(verdict.quality, verdict.rms, range_of(samples))) return {};
  return text_of_excess(verdict.quality) + " (rms " + format_short(verdict.rms, 2) + "): " +
         (nominal  ? "it is not as designed"
          : spline ? "structure finer than the knots; try more --knots"
                   : "the curve has more in it than the formula");
}

}  // namespace

bool is_dead(const Samples& samples, const Noise& noise, const Residuals& left) {
  const auto [least, most] = std::minmax_element(samples.control.begin(), samples.control.end());
  return !samples.control.empty() && *most > *least && !responds(samples, noise, left);
}

double largest_power_mw(const RingFormula& formula, const Samples& samples) {
  double most = 0;
  for (const double current : samples.control)
    most = std::max(most, heater_power_mw(current, formula.resistance_ohm, 0));
  return most;
}

std::string remark_of(const ElementVerdict& verdict, const Samples& samples, const ChipFitInput& input) {
  if (!verdict.measured) {
    return samples.size() == 0 ? std::string(unmeasured) + "no layer uses this ring): design values taken"
                               : "only " + std::to_string(samples.size()) + " samples: design values taken";
  }
  if (verdict.dead) {
    double level = 0;
    for (const double response : samples.response) level += response / double(samples.size());
    return "does not respond to its heater: constant at " + format_short(level, 3) +
           (verdict.quality.noise.sigma > 0
                ? " within its noise of " + format_short(verdict.quality.noise.sigma, 2)
                : "") +
           (input.settings.kind == "nominal" ? "" : "; taken so, and no control is asked of it");
  }
  std::vector<std::string> parts;
  if (!verdict.converged) parts.emplace_back("did not converge");
  if (std::string text = remark_on_shape(verdict, samples, input); !text.empty())
    parts.push_back(std::move(text));
  if (verdict.fall.shape != FallShape::none)
    parts.push_back(text_of_fall(verdict.fall, largest_power_mw(ring_formula(input, {}), samples)));
  if (verdict.converged && !verdict.identified)
    parts.emplace_back("the curve does not determine every parameter: no standard errors");
  if (verdict.converged && input.settings.kind != "spline" && input.settings.kind != "nominal") {
    const auto [least, most] = std::minmax_element(samples.control.begin(), samples.control.end());
    if (verdict.resonance_ma < 0) {
      parts.emplace_back("resonance below the range");
    } else if (verdict.resonance_ma > *most) {
      parts.push_back("resonance beyond the range, at " + format_short(verdict.resonance_ma, 3) + " mA");
    } else if (*least >= 0 && (verdict.resonance_ma < *least + 0.02 * (*most - *least) ||
                               verdict.resonance_ma > *most - 0.02 * (*most - *least))) {
      parts.push_back("resonance at the end of the range, at " + format_short(verdict.resonance_ma, 3) +
                      " mA");
    }
  }
  parts.insert(parts.end(), verdict.against_process.begin(), verdict.against_process.end());
  if (input.curves.key == imported_chip && input.settings.kind != "spline" && !samples.control.empty()) {
    const double last = *std::max_element(samples.control.begin(), samples.control.end());
    const double design = input.process.current_max_ma;
    if (last < design / 4 || last > 4 * design)
      parts.push_back("the controls end at " + format_short(last, 3) + ", where mrr.current.max is " +
                      format_short(design, 3) + " mA: is their unit mA?");
  }
  return join(parts, "; ");
}

}  // namespace pnn::platforms::mrr::lab
