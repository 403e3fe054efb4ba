#include "pnn/platforms/mrr/lab/ring_curve.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pnn::platforms::mrr::lab {

RingSlopes ring_slopes(double detuning_nm, double fsr_nm, double r, double a) {
  const double turn = 2 * std::numbers::pi / fsr_nm;
  const double cosine = std::cos(turn * detuning_nm), sine = std::sin(turn * detuning_nm);
  const double s = r * r;
  const double denominator = 1 - 2 * s * a * cosine + s * s * a * a;
  const double denominator_by_phase = 2 * s * a * sine;
  const double denominator_by_s = -2 * a * cosine + 2 * s * a * a;

  RingSlopes out{};
  out.drop = (1 - s) * (1 - s) * a / denominator;
  out.thru = (s * a * a - 2 * s * a * cosine + s) / denominator;
  out.drop_by_detuning = turn * (-out.drop * denominator_by_phase / denominator);
  out.thru_by_detuning = turn * denominator_by_phase * (1 - out.thru) / denominator;
  out.drop_by_r = 2 * r * (-2 * (1 - s) * a - out.drop * denominator_by_s) / denominator;
  out.thru_by_r = 2 * r * (a * a - 2 * a * cosine + 1 - out.thru * denominator_by_s) / denominator;
  return out;
}

double self_coupling_of_width(double fwhm_nm, double fsr_nm, double a) {
  const double w = std::numbers::pi * fwhm_nm / fsr_nm * std::sqrt(a);
  return (std::sqrt(w * w + 4 * a) - w) / (2 * a);
}

double beta_of(const RingFormula& formula, double parameter) {
  return (std::exp(parameter) - 0.5) / (formula.current_scale_ma * formula.current_scale_ma);
}
double beta_slope(const RingFormula& formula, double parameter) {
  return std::exp(parameter) / (formula.current_scale_ma * formula.current_scale_ma);
}
double beta_parameter(const RingFormula& formula, double beta_per_ma2) {
  const double relative = beta_per_ma2 * formula.current_scale_ma * formula.current_scale_ma;
  return std::log(std::max(relative + 0.5, 1e-3));
}

ShapeValue evaluate_shape(const RingFormula& formula, const Vector<double>& p, double current_ma, Index sweep,
                          double drift_k) {
  ShapeValue out;
  const double shift_nm =
      formula.kappa_nm_per_k * (formula.temperature_offset_k[std::size_t(sweep)] + drift_k);

  if (formula.shape == RingFormula::Shape::lorentzian) {
    const double power = heater_power_mw(current_ma, formula.resistance_ohm, 0);
    const double half_width = std::exp(p[1]);
    const double eta = formula.free_eta ? std::exp(p[2]) : formula.eta_nm_per_mw;
    const double u = (p[0] - power - shift_nm / eta) / half_width;
    out.value = 1 / (1 + u * u);
    const double by_u = -2 * u * out.value * out.value;
    out.by[0] = by_u / half_width;
    out.by[1] = -by_u * u;
    if (formula.free_eta) out.by[2] = by_u * shift_nm / eta / half_width;
    return out;
  }

  const double r = 1 - std::exp(p[1]);
  const double eta = (formula.free_eta ? std::exp(p[3]) : formula.eta_nm_per_mw);
  const double power = heater_power_mw(current_ma, formula.resistance_ohm, beta_of(formula, p[2]));
  const double detuning = p[0] - (eta + formula.package_nm_per_mw) * power - shift_nm;
  const RingSlopes ring = ring_slopes(detuning, formula.fsr_nm, r, formula.a);
  const bool in_row = !formula.row.empty();
  const RowTerms row = in_row ? formula.row[std::size_t(sweep)] : RowTerms{};
  const double sign = in_row ? formula.sign : 1;
  out.value = sign * (row.constant + row.drop * ring.drop - row.thru * ring.thru);
  const double by_detuning = sign * (row.drop * ring.drop_by_detuning - row.thru * ring.thru_by_detuning);
  const double by_r = sign * (row.drop * ring.drop_by_r - row.thru * ring.thru_by_r);
  const double current_squared = current_ma * current_ma;
  out.by[0] = by_detuning;
  out.by[1] = by_r * (r - 1);
  out.by[2] = -by_detuning * (eta + formula.package_nm_per_mw) * 1e-3 * formula.resistance_ohm *
              current_squared * current_squared * beta_slope(formula, p[2]);
  if (formula.free_eta) out.by[3] = -by_detuning * eta * power;
  return out;
}

}  // namespace pnn::platforms::mrr::lab
