// Which formula is fitted to a ring, and what of it the process fixes.
#include <algorithm>
#include <cmath>

#include "pnn/platforms/mrr/lab/chip_fit.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// Closer temperatures differ by less than a controller's jitter.
constexpr double same_temperature_k = 0.05;

}  // namespace

bool identifies_eta(const ChipCurves& curves) {
  const auto [coldest, hottest] =
      std::minmax_element(curves.temperature_c.begin(), curves.temperature_c.end());
  return coldest != curves.temperature_c.end() && *hottest - *coldest > same_temperature_k;
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
  formula.free_eta = hottest - coldest > same_temperature_k;
  return formula;
}

std::vector<std::pair<Index, double>> shares_at_reference(const std::vector<double>& offset_k) {
  std::vector<Index> sweeps(offset_k.size());
  for (std::size_t k = 0; k < sweeps.size(); ++k) sweeps[k] = Index(k);
  std::stable_sort(sweeps.begin(), sweeps.end(),
                   [&](Index l, Index r) { return offset_k[std::size_t(l)] < offset_k[std::size_t(r)]; });
  struct Temperature {
    double sum_k = 0;
    std::vector<Index> sweeps;
    [[nodiscard]] double mean_k() const { return sum_k / double(sweeps.size()); }
  };
  std::vector<Temperature> all;
  double last = 0;
  for (const Index sweep : sweeps) {
    const double offset = offset_k[std::size_t(sweep)];
    if (all.empty() || offset - last > same_temperature_k) all.emplace_back();
    all.back().sum_k += last = offset;
    all.back().sweeps.push_back(sweep);
  }
  const auto above =
      std::find_if(all.begin(), all.end(), [](const Temperature& t) { return t.mean_k() >= 0; });
  std::vector<std::pair<Index, double>> shares;
  const auto take = [&](const Temperature& temperature, double share) {
    for (const Index sweep : temperature.sweeps)
      if (share > 0) shares.emplace_back(sweep, share / double(temperature.sweeps.size()));
  };
  if (above == all.begin() || above == all.end()) {
    take(above == all.end() ? all.back() : all.front(), 1);
  } else {
    const double below_k = (above - 1)->mean_k(), span_k = above->mean_k() - below_k;
    take(*(above - 1), above->mean_k() / span_k);
    take(*above, -below_k / span_k);
  }
  return shares;
}

}  // namespace pnn::platforms::mrr::lab
