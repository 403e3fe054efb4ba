// The phase masks of a diffractive network as a map: phases → the transmissions that light meets, and
// gradients back.
//
//   W_k = [Re t'_k | Im t'_k | z_k]      one row for each mask, [masks, 2 · pixels + 1]
//
// with the transmission t'_k of mask k (mask.hpp: levels, rotation, shift, magnification) at the phases Q(φ)
// + offset + error, where Q rounds commanded phases to the plan's levels (the order of these steps:
// lib/README.md), and z_k the axial shift of the mask in µm: the gap before it grows by z_k, the one behind
// it shrinks. How fields pass is in stack.hpp. The misalignment of a device's mask k is its own plus, for the
// moving masks of the plan, that of the system.
//
// Gradients ignore the rounding to levels; everything else is differentiable where mask.hpp says so. Tested
// by tests/platforms/d2nn/masks.cpp.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/d2nn/mask.hpp"
#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/process.hpp"

namespace pnn::platforms::d2nn {

/// The values that differ between devices.
struct Errors {
  std::vector<double> phase;          ///< rad, [mask, height, width]; empty: none
  std::vector<System> misalignments;  ///< [mask] (no temperature); empty: all aligned
};

/// Samples one device from the process variation, addressed by (seed, purpose, stream < 4096, device, step).
Errors draw_errors(const Process& process, const Plan& plan, std::uint64_t seed, int purpose,
                   std::uint16_t stream, std::uint32_t device, std::uint32_t step);

/// Initial phases of a training: normal about 0, with standard deviation `spread` (rad).
void start_phases(const Plan& plan, const Stream& stream, double spread, std::span<float> controls);

/// The map of the masks. Uses scratch memory of the object: one caller at a time. The same bits for any
/// number of threads.
template <class Real>
class Masks final : public TransferMap<Real> {
 public:
  /// `response_spread`: standard deviation of a phase over devices. Throws UsageError if the plan is
  /// impossible.
  Masks(const Plan& plan, double response_spread, const Errors& errors);

  [[nodiscard]] const Plan& plan() const { return plan_; }
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

  /// Replaces the device by another one on the same plan.
  void set_errors(const Errors& errors);

  /// The response offset is added to the phases after rounding to levels. Throws UsageError unless all
  /// magnifications are above −1.
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

  /// Finds the phases of the target t', with the whole turns nearest to the present phases. Misalignment and
  /// errors are not corrected; the returned difference is that of this device, with its alignment.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

 private:
  void place(const OperatingPoint<Real>& at);
  [[nodiscard]] double axial_um(Index mask, const System& system) const;

  Plan plan_;
  double response_spread_;
  Errors errors_;
  std::vector<PhaseMask<Real>> masks_;
  std::vector<Real> static_phase_, added_, by_phase_;  ///< of all masks
  std::vector<System> slopes_;                         ///< gradient by the misalignment of each mask
  std::vector<std::uint32_t> elements_;
};

template <class Real>
std::unique_ptr<Masks<Real>> make_masks(const Plan& plan, double response_spread, const Errors& errors) {
  return std::make_unique<Masks<Real>>(plan, response_spread, errors);
}

}  // namespace pnn::platforms::d2nn
