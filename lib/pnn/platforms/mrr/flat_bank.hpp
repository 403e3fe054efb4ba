// The bank without crosstalk: every weight depends on its own control alone, so that evaluation is one pass
// over the weights in their own order. Used in this folder only.
#pragma once

#include "pnn/platforms/mrr/bank.hpp"

namespace pnn::platforms::mrr {

/// A bank of independent weights.
template <class Real>
class FlatBank final : public Bank<Real> {
 public:
  FlatBank(const BankPlan& plan, const BankPhysics& physics);
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

 protected:
  using typename Bank<Real>::Local;
  void local(const OperatingPoint<Real>& at, Local& out) override;
  void rings_changed() override;
  [[nodiscard]] bool coupled() const override { return false; }

 private:
  using Base = Bank<Real>;

  /// Ring parameters of each weight, [out·in]; empty while all rings are equal.
  struct Streams {
    std::vector<Real> delta, heat, beta, base, amplitude, width;
  };
  /// Calls body(parameters) with an accessor: one number for all rings, or one for each weight.
  template <class Body>
  void with_parameters(const Body& body) const;
  template <class Curve, class Parameters>
  void evaluate_chunk(const Parameters& p, const OperatingPoint<Real>& at, Index begin, Index end,
                      Real* weights) const;
  template <class Curve, class Parameters>
  void pullback_chunk(const Parameters& p, const OperatingPoint<Real>& at, Index begin, Index end,
                      const Real* gradient, Pullback<Real>& out, double& position_gradient);
  void spline_evaluate(const OperatingPoint<Real>& at, Index begin, Index end, Real* weights) const;
  void spline_pullback(const OperatingPoint<Real>& at, Index begin, Index end, const Real* gradient,
                       Pullback<Real>& out, double& position_gradient) const;
  /// About what one pass over all rings takes on one thread (ns).
  [[nodiscard]] double rings_ns() const {
    return (this->is_spline() ? 20 : 0.5) * double(this->plan_.weights());
  }
  [[nodiscard]] Real position_of(const OperatingPoint<Real>& at, std::size_t k, Real ambient) const;

  bool equal_ = false;
  Streams streams_;
  std::vector<double> partial_;  ///< ∂L/∂position, summed over each chunk
};

}  // namespace pnn::platforms::mrr
