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

#include <utility>
#include <vector>

#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/element.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "pnn/platforms/mrr/spline.hpp"

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
/// nominal value, and β where heater power would stop rising with current within the range. What the rings of
/// a die have in common (shares_of(process)) is drawn for each die of `die` rows × columns, of which there
/// are as many as `rings` fill; without a size, the rings are those of one die in a row.
RingParameters draw_rings(const Process& process, Index rings, std::uint64_t seed, int purpose,
                          std::uint16_t chip_stream, std::uint32_t device, std::uint32_t step,
                          std::pair<Index, Index> die = {0, 0});
/// The same into memory that is kept from one chip to the next.
void draw_rings(const Process& process, Index rings, std::uint64_t seed, int purpose,
                std::uint16_t chip_stream, std::uint32_t device, std::uint32_t step,
                std::pair<Index, Index> die, RingParameters& out);

/// Parameters of each physical ring as the kernels use them. A position is a detuning times `position_scale`:
/// 1/FSR for Airy rings (a fraction of an FSR), 1 otherwise (nm).
///    position = delta − heat (1 + beta I²) I² − (shifts by other rings and by conditions)
template <class Real>
struct RingTable {
  std::vector<Real> delta, heat, beta, base, amplitude, width, drop, loss;
  std::vector<Real> package;  ///< shift of the position of every ring of the chip, per mA² of this ring
};

/// Number of weights in one chunk of a parallel loop. It is part of the definition of results that are summed
/// over chunks.
inline constexpr Index weight_chunk = 4096;

/// What a bank with crosstalk and one without have in common: limits, ring parameters in the form of the
/// kernels, local derivatives and the inverse.
template <class Real>
class Bank : public TransferMap<Real> {
 public:
  Bank(const BankPlan& plan, const BankPhysics& physics);

  [[nodiscard]] Index rows() const override { return plan_.out; }
  [[nodiscard]] Index cols() const override { return plan_.in; }
  [[nodiscard]] Index control_count() const override { return plan_.weights(); }
  [[nodiscard]] double lower() const override { return physics_.current_min_ma; }
  [[nodiscard]] double upper() const override { return physics_.current_max_ma; }
  [[nodiscard]] double response_spread() const override { return physics_.response_spread_nm; }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override { return elements_; }
  [[nodiscard]] Index element_count() const override { return plan_.rings(); }
  [[nodiscard]] bool has_slopes() const final { return true; }
  /// Replaces the rings (a chip sampled at every step) without allocation.
  void set_rings(const RingParameters& rings);

  void slope(const OperatingPoint<Real>& at, std::span<Real> out) override;
  void curvature(const OperatingPoint<Real>& at, std::span<Real> out) override;
  void response_slope(const OperatingPoint<Real>& at, std::span<Real> out) override;
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

 protected:
  /// Each weight as a function of its own ring alone, with all others held: W = base + amplitude/(width +
  /// v(x)) at the present position x of the ring. Splines do not use base and amplitude.
  struct Local {
    std::vector<Real> position, base, amplitude;  ///< [out·in], once they are asked for
  };
  virtual void local(const OperatingPoint<Real>& at, Local& out) = 0;
  /// Called after table_ (and splines_) have changed.
  virtual void rings_changed() = 0;
  /// Whether the heat or light of a ring affects other weights, so that an inverse must be iterated.
  [[nodiscard]] virtual bool coupled() const = 0;

  void check(const OperatingPoint<Real>& at) const;
  [[nodiscard]] bool is_airy() const {
    return physics_.response == Response::airy || physics_.response == Response::airy_bank;
  }
  [[nodiscard]] bool is_spline() const { return physics_.response == Response::spline; }
  /// Change of a position with ambient temperature, per K.
  [[nodiscard]] double position_per_kelvin() const { return -physics_.kappa_nm_per_k * position_scale_; }

  BankPlan plan_;
  BankPhysics physics_;
  double position_scale_ = 1;
  RingTable<Real> table_;
  CubicSplines splines_;

 private:
  struct Slopes {
    Real first, second;  ///< derivatives of a weight by the position of its ring
  };
  template <class Curve>
  [[nodiscard]] Slopes rational_slopes(Real position, Real amplitude, Real width) const;
  [[nodiscard]] Slopes weight_slopes(std::size_t k) const;
  /// Fills local_, which takes memory only where somebody asks.
  void find_local(const OperatingPoint<Real>& at);
  /// Moves every control to the value where its own curve gives the target; returns the largest change.
  double solve_each(ConstMatrixView<Real> weights, std::span<Real> controls);

  std::vector<std::uint32_t> elements_;
  Local local_;
  std::vector<double> positions_;  ///< candidate positions of one weight
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
