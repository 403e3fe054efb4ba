// Which formula is fitted to a ring, and what of it the process fixes.
#include <algorithm>

#include "pnn/platforms/mrr/lab/chip_fit.hpp"

namespace pnn::platforms::mrr::lab {

bool identifies_eta(const ChipCurves& curves) {
  const auto [coldest, hottest] =
      std::minmax_element(curves.temperature_c.begin(), curves.temperature_c.end());
  return coldest != curves.temperature_c.end() && *hottest - *coldest > 0.05;
}

RingFormula ring_formula(const ChipFitInput& input, const std::vector<std::size_t>& sweep_of) {
  const Process& process = input.process;
  RingFormula formula;
  formula.shape =
      input.settings.kind == "lorentzian" ? RingFormula::Shape::lorentzian : RingFormula::Shape::airy;
  formula.fsr_nm = process.fsr_nm;
  formula.a = process.a;
  formula.resistance_ohm = process.resistance_ohm;
  formula.eta_nm_per_mw = process.eta_nm_per_mw;
  formula.kappa_nm_per_k = process.kappa_nm_per_k;
  formula.current_scale_ma = process.current_max_ma;
  formula.sign = process.polarity() == Polarity::drop_thru ? 1 : -1;
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

}  // namespace pnn::platforms::mrr::lab
