// The formulas that are fitted to one ring's tuning curve, with their derivatives.
#pragma once

#include <array>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/mrr_process.hpp"

namespace pnn::model {

using platform::heater_power_mw;

/// Transmissions of one add-drop ring with r1 = r2 = r, and their derivatives by detuning (nm) and by r.
/// Formula: Bogaerts et al., Laser Photonics Rev. 6, 47 (2012); the values equal platform::ring_transmission.
struct RingSlopes {
  double drop, thru;
  double drop_by_detuning, thru_by_detuning;  ///< a nm
  double drop_by_r, thru_by_r;
};
RingSlopes ring_slopes(double detuning_nm, double fsr_nm, double r, double a);

/// Self-coupling of a ring whose full width at half maximum is `fwhm_nm`: the inverse of
/// FWHM = FSR (1 − r² a) / (π r √a).
double self_coupling_of_width(double fwhm_nm, double fsr_nm, double a);

/// What the other rings of a row make of one ring's transmissions: W = sign·(constant + drop·T_drop −
/// thru·T_thru). A ring alone has {0, 1, 1}.
struct RowTerms {
  double constant = 0, drop = 1, thru = 1;
};

/// Which formula, and all of it that is not fitted.
struct RingFormula {
  enum class Shape { lorentzian, airy } shape = Shape::airy;
  /// Gain and offset of each temperature are fitted: parked neighbours leak light, differently at each. If
  /// not, the response is the shape itself (airy only).
  bool free_scale = true;
  bool free_eta = false;          ///< needs two temperatures
  double fsr_nm = 10, a = 0.998;  ///< airy
  double resistance_ohm = 500;    ///< R: enters only as a product with η
  double eta_nm_per_mw = 0.0625;  ///< η unless free
  double package_nm_per_mw = 0;   ///< the ring's own share of a common heating: added to η
  double kappa_nm_per_k = 0.08;
  double sign = 1;                                 ///< −1: thru − drop; with `row` only
  std::vector<double> temperature_offset_k = {0};  ///< T − T_ref of each sweep
  std::vector<RowTerms> row;                       ///< airy among its neighbours: a sweep each; empty: alone

  [[nodiscard]] Index sweeps() const { return Index(temperature_offset_k.size()); }
  /// Parameters of the shape: lorentzian P_res (mW), ln P_hw; airy δ (nm), ln(1 − r), ln(β·I_max² + ½); then
  /// ln η if free.
  [[nodiscard]] Index shape_parameters() const {
    return (shape == Shape::lorentzian ? 2 : 3) + (free_eta ? 1 : 0);
  }
  /// All: the shape's, then gain and offset of each sweep if free.
  [[nodiscard]] Index parameters() const { return shape_parameters() + (free_scale ? 2 * sweeps() : 0); }
  double current_scale_ma = 5.2;  ///< I_max: makes the parameter of β of order one
};

/// β and its parameter ln(β·I_max² + ½): the heater's power rises with the current over the whole range if
/// and only if β·I_max² > −½, and where it turned back a curve would show its resonance twice.
double beta_of(const RingFormula& formula, double parameter);
double beta_slope(const RingFormula& formula, double parameter);  ///< ∂β/∂parameter
double beta_parameter(const RingFormula& formula, double beta_per_ma2);

/// Value of the bare shape at one point and its derivatives by the shape's parameters. Bare means
/// lorentzian 1/(1 + ((P_res − P − κ ΔT/η)/P_hw)²) in [0, 1]; airy T_drop − T_thru, or with `row`
/// the whole weight.
struct ShapeValue {
  double value = 0;
  std::array<double, 4> by{};
};
ShapeValue evaluate_shape(const RingFormula& formula, const Vector<double>& p, double current_ma,
                          Index sweep);

}  // namespace pnn::model
