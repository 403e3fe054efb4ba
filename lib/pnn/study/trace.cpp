#include "pnn/study/trace.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/bank.hpp"

namespace pnn::study {
namespace {

void check_times(const std::vector<double>& time_s, std::size_t samples) {
  if (time_s.size() != samples || samples < 2)
    throw InputError("--trace: needs two samples or more, with a time each");
  for (std::size_t k = 1; k < time_s.size(); ++k) {
    if (!(time_s[k] > time_s[k - 1]))
      throw InputError("--trace: times must ascend; sample " + std::to_string(k + 1) + " does not (" +
                       format_number(time_s[k]) + ")");
  }
}

}  // namespace

Trace temperature_trace(std::vector<double> time_s, const std::vector<double>& temperature) {
  check_times(time_s, temperature.size());
  Trace trace;
  trace.time_s = std::move(time_s);
  for (double t : temperature) trace.drift_k.push_back(t - temperature.front());
  return trace;
}

Trace weight_trace(std::vector<double> time_s, const std::vector<double>& weight,
                   const platform::MrrProcess& p, double scale, bool upper_flank) {
  check_times(time_s, weight.size());
  Trace trace;
  trace.time_s = std::move(time_s);
  double largest = 0;
  for (double w : weight) largest = std::max(largest, std::abs(w));
  if (scale <= 0) scale = largest > 1 ? largest : 1;
  const double sign = p.polarity == platform::Polarity::drop_thru ? 1 : -1;
  const auto weight_at = [&](double detuning) {
    const auto t = platform::ring_transmission(detuning, p.fsr_nm, p.r, p.r, p.a);
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

}  // namespace pnn::study
