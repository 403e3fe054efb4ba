// Micro-ring weight bank: currents → detunings → weights, and back. Formulas: header of each block.
#pragma once

#include "pnn/platform/bank_plan.hpp"
#include "pnn/platform/mrr_process.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::platform {

/// How a ring's detuning becomes a weight.
enum class Response {
  airy,        ///< add-drop ring alone: ±gain·(T_drop − T_thru) + offset, minus for polarity thru_drop
  airy_bank,   ///< the same with optical crosstalk within reach (gain and offset must be 1 and 0)
  lorentzian,  ///< offset + gain / (1 + (d/hwhm)²)
  spline,      ///< natural cubic through (detuning, weight) knots, constant outside
};

/// Parameters a ring, each of plan.rings() values. Only those that the response uses need be filled.
struct RingParameters {
  std::vector<double> delta_nm;        ///< δ
  std::vector<double> eta_nm_per_mw;   ///< η
  std::vector<double> resistance_ohm;  ///< R
  std::vector<double> beta_per_ma2;    ///< β
  std::vector<double> r;               ///< r1 = r2 (airy)
  std::vector<double> a;               ///< single-pass amplitude (airy)
  std::vector<double> gain;            ///< airy: 1 unless fitted; lorentzian: s·A
  std::vector<double> offset;          ///< airy: 0 unless fitted; lorentzian: c
  std::vector<double> hwhm_nm;         ///< γ (lorentzian)
  Array<double> knot_detuning_nm;      ///< [ring, knot], ascending (spline)
  Array<double> knot_weight;           ///< [ring, knot] (spline)
};

/// Everything of a bank that is not one ring's own.
struct BankPhysics {
  Response response = Response::airy;
  double fsr_nm = 10, kappa_nm_per_k = 0.08, channel_spacing_nm = 1.2;
  double crosstalk = 0, crosstalk_length = 1, crosstalk_cutoff = 1e-4, package_k_per_mw = 0;
  int reach = 0;
  double current_min_ma = 0, current_max_ma = 5.2;
  double response_spread_nm = 0.02;
  Polarity polarity = Polarity::drop_thru;
};

/// The full physics of a process (airy_bank with all crosstalk), or its `ideal` part: lone airy rings
/// without crosstalk.
BankPhysics full_physics(const MrrProcess& process);
BankPhysics ideal_physics(const MrrProcess& process);
/// Every ring at the process's nominal values; `ideal` sets β = 0.
RingParameters nominal_rings(const MrrProcess& process, Index rings, bool ideal);
/// One chip drawn from the process: Gaussian spreads on δ, η, R, β, r. Addressed by (seed, purpose,
/// chip_stream < 8192, device, step); ring k's numbers do not depend on how many rings there are. r is
/// clipped to [0.90, 0.995] (wider if the nominal r lies outside), η and R at a tenth of their nominal value,
/// and β where heater power would stop to rise with current within the range.
RingParameters draw_rings(const MrrProcess& process, Index rings, std::uint64_t seed, int purpose,
                          std::uint16_t chip_stream, std::uint32_t device, std::uint32_t step);

/// A bank whose rings can be exchanged without allocation (a chip drawn at every step).
template <class Real>
class Bank : public WeightwiseMap<Real> {
 public:
  /// Total heater power in mW at these controls (all tiles counted).
  [[nodiscard]] virtual double power_mw(std::span<const Real> controls) const = 0;
  virtual void set_rings(const RingParameters& rings) = 0;
};

/// Throws UsageError where plan, physics and rings do not fit. Chooses the flat path (no crosstalk:
/// one vectorised pass over the weights) or the tiled one (thermal crosstalk as one matrix product over
/// all tiles, optical crosstalk over lanes of tiles).
template <class Real>
std::unique_ptr<Bank<Real>> make_bank(const BankPlan& plan, const BankPhysics& physics,
                                      const RingParameters& rings);

/// Transmissions of one add-drop ring in double: the reference that everything else is tested against.
struct RingTransmission {
  double drop, thru;
};
RingTransmission ring_transmission(double detuning_nm, double fsr_nm, double r1, double r2, double a);

}  // namespace pnn::platform
