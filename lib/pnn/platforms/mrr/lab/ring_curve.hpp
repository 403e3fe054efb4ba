// The formulas of one ring's tuning curve for fits, with their derivatives.
#pragma once

#include <array>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/model/fall.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// Transmissions of one add-drop ring with r1 = r2 = r, and their derivatives by detuning (per nm) and by r.
/// Formula: Bogaerts et al., Laser Photonics Rev. 6, 47 (2012); the values equal those of ring_transmission.
struct RingSlopes {
  double drop, thru;
  double drop_by_detuning, thru_by_detuning;  ///< per nm
  double drop_by_r, thru_by_r;
};
RingSlopes ring_slopes(double detuning_nm, double fsr_nm, double r, double a);

/// Self-coupling r of a ring with a full width at half maximum of `fwhm_nm`: the inverse of FWHM = FSR (1 −
/// r² a) / (π r √a).
double self_coupling_of_width(double fwhm_nm, double fsr_nm, double a);

/// Effect of the other rings of a row on the weight of one ring: W = sign·(constant + drop·T_drop −
/// thru·T_thru). A single ring has {0, 1, 1}.
struct RowTerms {
  double constant = 0, drop = 1, thru = 1;
};

/// The formula to fit, and all values in it that are not fitted.
struct RingFormula {
  enum class Shape { lorentzian, airy } shape = Shape::airy;
  /// Whether a gain and an offset are fitted for each temperature: parked neighbours leak light, which
  /// changes with temperature. If false, the response is the bare shape (airy only).
  bool free_scale = true;
  bool free_eta = false;  ///< η is fitted; needs two temperatures
  /// How a fall s (1/mW) of the light with the ring's own heat is fitted (model/fall.hpp): the response is
  /// then (gain · shape + offset) · t(P), with P = 1e-3 R I².
  FallShape fall_shape = FallShape::none;
  double fsr_nm = 10, a = 0.998;  ///< airy
  double resistance_ohm = 500;    ///< R, which matters only as a product with η
  double eta_nm_per_mw = 0.0625;  ///< η if it is not fitted
  double package_nm_per_mw = 0;   ///< share of the ring in the common heating of the package, added to η
  double kappa_nm_per_k = 0.08;
  double sign = 1;  ///< +1: drop − thru, −1: thru − drop; used with `row` only
  std::vector<double> temperature_offset_k = {0};  ///< T − T_ref of each sweep
  /// Of airy with neighbours, one entry for each sweep; empty: a single ring.
  std::vector<RowTerms> row;

  [[nodiscard]] Index sweeps() const { return Index(temperature_offset_k.size()); }
  /// Number of parameters of the shape: lorentzian P_res (mW), ln P_hw; airy δ (nm), ln(1 − r), ln(β·I_max² +
  /// ½); then ln η if it is fitted.
  [[nodiscard]] Index shape_parameters() const {
    return (shape == Shape::lorentzian ? 2 : 3) + (free_eta ? 1 : 0);
  }
  /// Number of all parameters: those of the shape, the fall if it is fitted, then gain and offset of each
  /// sweep if they are.
  [[nodiscard]] Index parameters() const { return gain_of(0) + (free_scale ? 2 * sweeps() : 0); }
  /// Place of the fall, if it is fitted, and of the gain of a sweep, which its offset follows.
  [[nodiscard]] Index fall() const { return shape_parameters(); }
  [[nodiscard]] Index gain_of(Index sweep) const {
    return shape_parameters() + (fall_shape != FallShape::none ? 1 : 0) + 2 * sweep;
  }
  double current_scale_ma = 5.2;  ///< I_max, which scales the parameter of β to order one
};

/// Conversion between β and its parameter ln(β·I_max² + ½). Heater power rises with current over the whole
/// range if and only if β·I_max² > −½; if it did not, a curve would show its resonance twice.
double beta_of(const RingFormula& formula, double parameter);
double beta_slope(const RingFormula& formula, double parameter);  ///< ∂β/∂parameter
double beta_parameter(const RingFormula& formula, double beta_per_ma2);

/// Value of the bare shape at one point, and its derivatives by the parameters of the shape. The bare shape
/// is, for lorentzian, 1/(1 + ((P_res − P − κ ΔT/η)/P_hw)²) in [0, 1]; for airy T_drop − T_thru, or with
/// `row` the whole weight. `drift_k` is the temperature of the point above that of its sweep.
struct ShapeValue {
  double value = 0;
  std::array<double, 4> by{};
};
ShapeValue evaluate_shape(const RingFormula& formula, const Vector<double>& p, double current_ma, Index sweep,
                          double drift_k = 0);

}  // namespace pnn::platforms::mrr::lab
