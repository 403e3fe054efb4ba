// Micro-ring weight bank: heater currents → detunings → weights, and gradients back.
//
// A row of a bank is a bus with one add-drop ring for each wavelength channel; a balanced photodiode
// subtracts the two ports, so that row i gives y_i = Σ_j W_ij x_j with W_ij = T_drop − T_thru. For a ring
// with self-couplings r1 and r2, single-pass amplitude a and detuning d (channel minus resonance, nm), with φ
// = 2πd/FSR (Bogaerts et al., Laser Photonics Rev. 6, 47, 2012):
//
//    D = 1 − 2 r1 r2 a cos φ + (r1 r2 a)²
//    T_drop = (1 − r1²)(1 − r2²) a / D,   T_thru = ((r2 a)² − 2 r1 r2 a cos φ + r1²) / D
//
// The detuning of ring k at the currents I (mA) and ambient temperature T is
//
//    P_k = 1e-3 R_k (1 + β_k I_k²) I_k²                                      heater power, mW
//    d_k = δ_k − η_k P_k − Σ_{m≠k} X_km η_m P_m − κ (T − T_ref)              nm
//
// with the thermal crosstalk X of thermal.hpp; heat moves every resonance to longer wavelengths. Common
// heating of the package adds κ · package · (total power of the chip) to the shift. With optical crosstalk
// (bus.hpp) the light of a channel also passes the other rings of its row.
//
// What is left out, and the sources of all values: README.md of this folder. Tested by tests/platforms/mrr.
#pragma once

#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr {

/// The formula from a ring's detuning to its weight.
enum class Response {
  airy,        ///< add-drop ring alone: ±gain·(T_drop − T_thru) + offset; minus for polarity thru_drop
  airy_bank,   ///< the same with optical crosstalk within reach; gain and offset must be 1 and 0
  lorentzian,  ///< offset + gain / (1 + (d/hwhm)²)
  spline,      ///< natural cubic spline through (detuning, weight) knots, constant outside
};

/// Parameters of the rings, each with plan.rings() values. Only those that the response uses must be filled.
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
  Array<double> knot_detuning_nm;      ///< [ring, knot], in rising order (spline)
  Array<double> knot_weight;           ///< [ring, knot] (spline)
};

/// All values of a bank that its rings have in common.
struct BankPhysics {
  Response response = Response::airy;
  double fsr_nm = 10, kappa_nm_per_k = 0.08, channel_spacing_nm = 1.2;
  double crosstalk = 0, crosstalk_length = 1, crosstalk_cutoff = 1e-4, package_k_per_mw = 0;
  int reach = 0;
  double current_min_ma = 0, current_max_ma = 5.2;
  double response_spread_nm = 0.02;
  Polarity polarity = Polarity::drop_thru;
};

/// The physics of a process: full (airy_bank with all crosstalk), or `ideal` (single airy rings without
/// crosstalk).
BankPhysics full_physics(const Process& process);
BankPhysics ideal_physics(const Process& process);
/// All rings at the nominal values of the process; `ideal` sets β = 0.
RingParameters nominal_rings(const Process& process, Index rings, bool ideal);
/// Samples one chip from the process variation: normal deviations of δ, η, R, β and r. Addressed by (seed,
/// purpose, chip_stream < 8192, device, step); the numbers of ring k do not depend on how many rings there
/// are. r is clipped to [0.90, 0.995] (wider if the nominal r lies outside), η and R at a tenth of their
/// nominal value, and β where heater power would stop rising with current within the range.
RingParameters draw_rings(const Process& process, Index rings, std::uint64_t seed, int purpose,
                          std::uint16_t chip_stream, std::uint32_t device, std::uint32_t step);

/// A bank whose rings can be replaced without allocation (a chip sampled at every step).
template <class Real>
class Bank : public TransferMap<Real> {
 public:
  /// Total heater power in mW at these controls, over all tiles.
  [[nodiscard]] virtual double power_mw(std::span<const Real> controls) const = 0;
  virtual void set_rings(const RingParameters& rings) = 0;
  [[nodiscard]] bool has_slopes() const final { return true; }
};

/// Makes a bank. Without crosstalk it computes weights in one vectorised pass; with it, thermal crosstalk is
/// one matrix product over all tiles, and optical crosstalk is computed for many tiles side by side. Throws
/// UsageError if plan, physics and rings do not fit together.
template <class Real>
std::unique_ptr<Bank<Real>> make_bank(const BankPlan& plan, const BankPhysics& physics,
                                      const RingParameters& rings);

/// Transmissions of one add-drop ring in double, by the formulas above: the reference for the tests of
/// everything else.
struct RingTransmission {
  double drop, thru;
};
RingTransmission ring_transmission(double detuning_nm, double fsr_nm, double r1, double r2, double a);

}  // namespace pnn::platforms::mrr
