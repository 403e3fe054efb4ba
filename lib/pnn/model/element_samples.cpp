// From the arrays of a curves file to the samples of one ring.
#include <algorithm>
#include <cmath>

#include "pnn/model/chip_fit.hpp"

namespace pnn::model {
namespace {
constexpr std::size_t fewest_samples = 8;  ///< of a sweep that says anything of a resonance
}

ElementSamples element_samples(const ChipCurves& curves, std::size_t device, std::size_t element) {
  const std::size_t elements = curves.response.dim(1), sweeps = curves.response.dim(2),
                    points = curves.response.dim(3);
  ElementSamples out;
  double squares = 0, known = 0;
  for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
    const std::size_t begin = ((device * elements + element) * sweeps + sweep) * points;
    std::vector<std::size_t> finite;
    for (std::size_t k = begin; k < begin + points; ++k) {
      if (std::isfinite(curves.control.data[k]) && std::isfinite(curves.response.data[k]))
        finite.push_back(k);
    }
    if (finite.size() < fewest_samples) continue;
    for (const std::size_t k : finite) {
      out.samples.current_ma.push_back(curves.control.data[k]);
      out.samples.response.push_back(curves.response.data[k]);
      out.samples.sweep.push_back(Index(out.sweep_of.size()));
      const double sigma = curves.sigma.data.empty() ? 0 : curves.sigma.data[k];
      if (std::isfinite(sigma) && sigma > 0) squares += sigma * sigma, known += 1;
    }
    out.sweep_of.push_back(sweep);
  }
  out.samples.sigma = known > 0 ? std::sqrt(squares / known) : 0;
  return out;
}

bool identifies_eta(const ChipCurves& curves) {
  const auto [coldest, hottest] =
      std::minmax_element(curves.temperature_c.begin(), curves.temperature_c.end());
  return coldest != curves.temperature_c.end() && *hottest - *coldest > 0.05;
}

RingFormula ring_formula(const ChipFitInput& input, const std::vector<std::size_t>& sweep_of) {
  const platform::MrrProcess& process = input.process;
  RingFormula formula;
  formula.shape =
      input.settings.kind == "lorentzian" ? RingFormula::Shape::lorentzian : RingFormula::Shape::airy;
  formula.fsr_nm = process.fsr_nm;
  formula.a = process.a;
  formula.resistance_ohm = process.resistance_ohm;
  formula.eta_nm_per_mw = process.eta_nm_per_mw;
  formula.kappa_nm_per_k = process.kappa_nm_per_k;
  formula.current_scale_ma = process.current_max_ma;
  formula.sign = process.polarity == platform::Polarity::drop_thru ? 1 : -1;
  if (!sweep_of.empty()) formula.temperature_offset_k.clear();
  double coldest = 0, hottest = 0;
  for (const std::size_t sweep : sweep_of) {
    const double offset = input.curves.temperature_c[sweep] - process.reference_temperature_c;
    coldest = formula.temperature_offset_k.empty() ? offset : std::min(coldest, offset);
    hottest = formula.temperature_offset_k.empty() ? offset : std::max(hottest, offset);
    formula.temperature_offset_k.push_back(offset);
  }
  formula.free_eta =
      hottest - coldest > 0.05;  // closer temperatures differ by less than a controller's jitter
  return formula;
}

}  // namespace pnn::model
