// The phase masks of a diffractive network as a map: phases → what light meets, and gradients back.
//
//   W_k = [Re t'_k | Im t'_k | z_k]      one row a mask, [masks, 2 · pixels + 1]
//
// with t'_k the transmission of mask k (d2nn_mask.hpp: levels, rotation, shift, magnification) at the phases
// Q(φ) + offset + error, Q the plan's levels of what is asked for (the order: lib/README.md), and z_k in µm
// how far the mask stands along the light from where it should: the gap before it grows by z_k, the one
// behind it shrinks. How fields pass is d2nn_stack.hpp. A device's mask k stands where its own misalignment
// and, for the plan's moving masks, that of the system put it together.
//
// W is linear in nothing: gradients pass levels straight through, the rest is differentiable where
// d2nn_mask.hpp says so. Pinned by tests/platform/d2nn.cpp.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platform/d2nn_mask.hpp"
#include "pnn/platform/d2nn_plan.hpp"
#include "pnn/platform/d2nn_process.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::platform {

/// What is one device's own.
struct D2nnErrors {
  std::vector<double> phase;          ///< rad, [mask, height, width]; empty: none
  std::vector<System> misalignments;  ///< one a mask (no temperature); empty: all aligned
};

/// A device drawn from the process, addressed by (seed, purpose, stream < 4096, device, step).
D2nnErrors draw_errors(const D2nnProcess& process, const D2nnPlan& plan, std::uint64_t seed, int purpose,
                       std::uint16_t stream, std::uint32_t device, std::uint32_t step);

/// Phases to start a training from: normal, of standard deviation `spread` (rad), about 0.
void start_phases(const D2nnPlan& plan, const Stream& stream, double spread, std::span<float> controls);

/// One caller at a time (scratch is the map's). The same bytes for any number of threads.
template <class Real>
class D2nnMasks final : public TransferMap<Real> {
 public:
  /// `response_spread`: σ of a device's phases. Throws UsageError where the plan cannot be.
  D2nnMasks(const D2nnPlan& plan, double response_spread, const D2nnErrors& errors);

  [[nodiscard]] const D2nnPlan& plan() const { return plan_; }
  [[nodiscard]] Index rows() const override { return plan_.masks(); }
  [[nodiscard]] Index cols() const override { return plan_.plane.field_size() + 1; }
  [[nodiscard]] Index control_count() const override { return plan_.control_count(); }
  [[nodiscard]] double lower() const override { return 0; }
  [[nodiscard]] double upper() const override;  ///< 2π
  [[nodiscard]] bool periodic() const override { return true; }
  [[nodiscard]] double response_spread() const override { return response_spread_; }
  /// Every control is an element of its own.
  [[nodiscard]] Index element_count() const override { return control_count(); }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override { return elements_; }

  /// Another device on the same plan.
  void set_errors(const D2nnErrors& errors);

  /// The response offset is added to the phases as they are set, behind the levels. Throws UsageError where a
  /// magnification is not above −1.
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

  /// The arguments of t', as whole turns allow nearest to the present phases; misalignment and errors are not
  /// made up for. What is left is measured on this device, aligned as it is.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

 private:
  void place(const OperatingPoint<Real>& at);
  [[nodiscard]] double axial_um(Index mask, const System& system) const;

  D2nnPlan plan_;
  double response_spread_;
  D2nnErrors errors_;
  std::vector<PhaseMask<Real>> masks_;
  std::vector<Real> static_phase_, added_, by_phase_;  ///< of all masks
  std::vector<System> slopes_;                         ///< of each mask's part of the loss
  std::vector<std::uint32_t> elements_;
};

template <class Real>
std::unique_ptr<D2nnMasks<Real>> make_masks(const D2nnPlan& plan, double response_spread,
                                            const D2nnErrors& errors) {
  return std::make_unique<D2nnMasks<Real>>(plan, response_spread, errors);
}

}  // namespace pnn::platform
