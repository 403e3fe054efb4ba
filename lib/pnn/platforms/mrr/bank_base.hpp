// Base class of the flat and the tiled bank: limits, ring parameters in the form of the kernels, local
// derivatives and the inverse. Used in this folder only.
#pragma once

#include <vector>

#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/element.hpp"
#include "pnn/platforms/mrr/spline.hpp"

namespace pnn::platforms::mrr {

/// Parameters of each physical ring as the kernels use them. A position is a detuning times `position_scale`:
/// 1/FSR for Airy rings (a fraction of an FSR), 1 otherwise (nm).
///    position = delta − heat (1 + beta I²) I² − (shifts by other rings and by conditions)
template <class Real>
struct RingTable {
  std::vector<Real> delta, heat, beta, base, amplitude, width, drop, loss;
  std::vector<Real> power;    ///< mW per mA²: 1e-3 R
  std::vector<Real> package;  ///< shift of the position of every ring of the chip, per mA² of this ring
};

/// Everything that both banks share.
template <class Real>
class BankBase : public Bank<Real> {
 public:
  BankBase(const BankPlan& plan, const BankPhysics& physics);

  [[nodiscard]] Index rows() const override { return plan_.out; }
  [[nodiscard]] Index cols() const override { return plan_.in; }
  [[nodiscard]] Index control_count() const override { return plan_.weights(); }
  [[nodiscard]] double lower() const override { return physics_.current_min_ma; }
  [[nodiscard]] double upper() const override { return physics_.current_max_ma; }
  [[nodiscard]] double response_spread() const override { return physics_.response_spread_nm; }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override { return elements_; }
  [[nodiscard]] Index element_count() const override { return plan_.rings(); }
  [[nodiscard]] double power_mw(std::span<const Real> controls) const override;

  void slope(const OperatingPoint<Real>& at, std::span<Real> out) override;
  void curvature(const OperatingPoint<Real>& at, std::span<Real> out) override;
  void response_slope(const OperatingPoint<Real>& at, std::span<Real> out) override;
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;
  void set_rings(const RingParameters& rings) final;

 protected:
  /// Each weight as a function of its own ring alone, with all others held: W = base + amplitude/(width +
  /// v(x)) at the present position x of the ring. Splines do not use base and amplitude.
  struct Local {
    std::vector<Real> position, base, amplitude;  ///< [out·in]
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
  /// Moves every control to the value where its own curve gives the target; returns the largest change.
  double solve_each(ConstMatrixView<Real> weights, std::span<Real> controls);

  std::vector<std::uint32_t> elements_;
  Local local_;
  Matrix<Real> reached_;
  std::vector<double> positions_;  ///< candidate positions of one weight
};

/// Number of weights in one chunk of a parallel loop. It is part of the definition of results that are summed
/// over chunks.
inline constexpr Index weight_chunk = 4096;

}  // namespace pnn::platforms::mrr
