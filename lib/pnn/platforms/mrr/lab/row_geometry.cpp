#include "pnn/platforms/mrr/lab/row_geometry.hpp"

#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/platforms/mrr/lab/coverage.hpp"
#include "pnn/platforms/mrr/lab/row_optics.hpp"
#include "pnn/platforms/mrr/platform.hpp"

namespace pnn::platforms::mrr::lab {

RowGeometry::RowGeometry(const ChipCurves& curves, const Process& process,
                         const std::vector<platform::AnyPlan>& plans)
    : process_(process), package_nm_per_mw_(process.kappa_nm_per_k * process.package_k_per_mw) {
  if (curves.pair_victim.empty()) {
    throw UsageError(
        "airy+crosstalk: the curves hold no pair sweeps; characterise with --crosstalk, or fit airy");
  }
  for (const ChipCoverage& chip : chip_coverage(plans)) {
    if (chip.key != curves.key) continue;
    const BankPlan& first = *bank_of(plans[chip.layers.front()]);
    rows_ = first.chip_rows, cols_ = first.chip_cols;
    for (std::size_t ring = 0; ring < chip.measured_by.size(); ++ring) {
      const int by = chip.measured_by[ring];
      lit_columns_.push_back(by < 0 ? 0 : lit_columns(*bank_of(plans[std::size_t(by)]), Index(ring)));
    }
  }
  if (lit_columns_.size() != curves.elements.size()) {
    throw UsageError("airy+crosstalk: no layer of the network runs on chip \"" + curves.key + "\" with " +
                     std::to_string(curves.elements.size()) +
                     " rings, so where they stand is unknown; fit airy");
  }
}

double RowGeometry::detuning(const FittedRing& ring, double current_ma, double offset_k) const {
  const double power = heater_power_mw(current_ma, process_.resistance_ohm, ring.beta_per_ma2);
  return ring.delta_nm - ring.eta_nm_per_mw * power - process_.kappa_nm_per_k * offset_k;
}

double RowGeometry::distance(std::size_t a, std::size_t b) const {
  const std::size_t rings = std::size_t(rows_) * std::size_t(cols_);
  const std::size_t row_a = a % rings / std::size_t(cols_), row_b = b % rings / std::size_t(cols_);
  return std::hypot(double(row_a) - double(row_b), double(column(a)) - double(column(b)));
}

std::vector<RowRing> RowGeometry::row_of(std::size_t element, const std::vector<FittedRing>& rings,
                                         double offset_k, std::size_t driven, double driven_ma) const {
  std::vector<RowRing> row;
  const std::size_t first = element - column(element);
  for (int col = 0; col < lit_columns_[element]; ++col) {
    const std::size_t k = first + std::size_t(col);
    row.push_back(
        {detuning(rings[k], k == driven ? driven_ma : process_.current_min_ma, offset_k), rings[k].r});
  }
  return row;
}

RowTerms RowGeometry::parked_terms(std::size_t element, const std::vector<FittedRing>& rings,
                                   double offset_k) const {
  return row_terms(row_of(element, rings, offset_k, element, 0), column(element), process_);
}

std::vector<PairSweep::Neighbour> RowGeometry::neighbours(std::vector<RowRing>& row, std::size_t victim,
                                                          std::size_t aggressor, double detuning_nm) const {
  const RingSlopes ring = ring_slopes(detuning_nm, process_.fsr_nm, row[column(victim)].r, process_.a);
  const double sign = process_.polarity() == Polarity::drop_thru ? 1 : -1;
  const auto weight = [&] {
    const RowTerms terms = row_terms(row, column(victim), process_);
    return sign * (terms.constant + terms.drop * ring.drop - terms.thru * ring.thru);
  };
  std::vector<PairSweep::Neighbour> out;
  for (std::size_t col = 0; col < row.size(); ++col) {
    const std::size_t other = victim - column(victim) + col;
    if (other == victim || other == aggressor) continue;
    // a linewidth is a thousand times this step, so that the difference is exact to six digits
    constexpr double step = 1e-4;
    const double at = row[col].detuning_nm;
    row[col].detuning_nm = at + step;
    const double above = weight();
    row[col].detuning_nm = at - step;
    const double slope = (above - weight()) / (2 * step);
    row[col].detuning_nm = at;
    if (slope != 0) out.push_back({distance(other, aggressor), slope});
  }
  return out;
}

std::vector<PairSweep> RowGeometry::pair_sweeps(const ChipCurves& curves, std::size_t device,
                                                const std::vector<FittedRing>& rings, double& sigma) const {
  const std::size_t pairs = curves.pair_victim.size(), points = curves.pair_control.dim(2);
  const double offset_k = curves.temperature_c.front() - process_.reference_temperature_c;
  double squares = 0, known = 0;
  std::vector<PairSweep> out;
  for (std::size_t q = 0; q < pairs; ++q) {
    const std::size_t victim = std::size_t(curves.pair_victim[q]),
                      aggressor = std::size_t(curves.pair_aggressor[q]);
    const FittedRing &held = rings[victim], &heated = rings[aggressor];
    const double held_ma = curves.pair_victim_control.slice(device)[q];
    PairSweep sweep;
    sweep.distance = distance(victim, aggressor);
    sweep.victim_r = held.r;
    const double own_power = heater_power_mw(held_ma, process_.resistance_ohm, held.beta_per_ma2);
    const double parked_power =
        heater_power_mw(process_.current_min_ma, process_.resistance_ohm, heated.beta_per_ma2);
    for (std::size_t p = 0; p < points; ++p) {
      const std::size_t at = q * points + p;
      const double control = curves.pair_control.slice(device)[at],
                   response = curves.pair_response.slice(device)[at];
      if (!std::isfinite(control) || !std::isfinite(response) || !std::isfinite(held_ma)) continue;
      const double power = heater_power_mw(control, process_.resistance_ohm, heated.beta_per_ma2);
      PairSweep::Point point;
      point.detuning_nm = detuning(held, held_ma, offset_k) - package_nm_per_mw_ * (own_power + power);
      // the victim's own curve was taken with the aggressor parked, and holds that part of its heat
      point.heat_nm = heated.eta_nm_per_mw * (power - parked_power);
      std::vector<RowRing> row = row_of(victim, rings, offset_k, aggressor, control);
      point.row = row_terms(row, column(victim), process_);
      point.neighbours = neighbours(row, victim, aggressor, point.detuning_nm);
      point.response = response;
      sweep.points.push_back(std::move(point));
      if (!curves.pair_sigma.data.empty()) {
        const double error = curves.pair_sigma.slice(device)[at];
        squares += error * error, known += error > 0 ? 1 : 0;
      }
    }
    if (!sweep.points.empty()) out.push_back(std::move(sweep));
  }
  sigma = known > 0 ? std::sqrt(squares / known) : 0;
  return out;
}

}  // namespace pnn::platforms::mrr::lab
