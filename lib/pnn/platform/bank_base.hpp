// What the flat and the tiled bank share: limits, ring parameters ready for the kernels, local derivatives
// and the inverse. Private to the platform room.
#pragma once

#include <vector>

#include "pnn/platform/bank.hpp"
#include "pnn/platform/element.hpp"
#include "pnn/platform/spline.hpp"

namespace pnn::platform {

/// Parameters of each physical ring as the kernels use them. Positions are detunings times
/// `position_scale`: a/FSR for Airy rings (then a fraction of an FSR), 1 otherwise (nm).
/// position = delta − heat (1 + beta I²) I² − (what others and the surroundings add).
template <class Real>
struct RingTable {
  std::vector<Real> delta, heat, beta, base, amplitude, width, drop, loss;
  std::vector<Real> power;    ///< mW a mA²: 1e-3 R
  std::vector<Real> package;  ///< position a mA² that a ring's power adds to every ring of its chip
};

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
  /// A weight as a function of its own ring alone, everything else held: W = base + amplitude/(width + v(x)),
  /// at the position x that the ring has now. Base and amplitude are not used with splines.
  struct Local {
    std::vector<Real> position, base, amplitude;  ///< [out·in]
  };
  virtual void local(const OperatingPoint<Real>& at, Local& out) = 0;
  /// After table_ (and splines_) have changed.
  virtual void rings_changed() = 0;
  /// Whether a ring's heat or light reaches other weights, so that an inverse has to be iterated.
  [[nodiscard]] virtual bool coupled() const = 0;

  void check(const OperatingPoint<Real>& at) const;
  [[nodiscard]] bool is_airy() const {
    return physics_.response == Response::airy || physics_.response == Response::airy_bank;
  }
  [[nodiscard]] bool is_spline() const { return physics_.response == Response::spline; }
  /// Position moved by the ambient temperature, a K.
  [[nodiscard]] double position_per_kelvin() const { return -physics_.kappa_nm_per_k * position_scale_; }

  BankPlan plan_;
  BankPhysics physics_;
  double position_scale_ = 1;
  RingTable<Real> table_;
  CubicSplines splines_;

 private:
  struct Slopes {
    Real first, second;  ///< of a weight by its ring's position
  };
  template <class Curve>
  [[nodiscard]] Slopes rational_slopes(Real position, Real amplitude, Real width) const;
  [[nodiscard]] Slopes weight_slopes(std::size_t k) const;
  /// Moves every control to where its own curve gives the target; returns the largest change.
  double solve_each(ConstMatrixView<Real> weights, std::span<Real> controls);

  std::vector<std::uint32_t> elements_;
  Local local_;
  Matrix<Real> reached_;
  std::vector<double> positions_;  ///< candidates of one weight
};

/// Weights handled by one chunk of a parallel loop over weights: a part of the definition of the result
/// where chunks are summed.
inline constexpr Index weight_chunk = 4096;

}  // namespace pnn::platform
