// Meshes of Mach-Zehnder interferometers: phases → complex matrix, and gradients back; or a batch of signals
// directly to outputs, column by column, without the matrix.
//
// One MZI of the rectangular mesh (Clements et al., Optica 3, 1460, 2016), where β1 is the error of the
// splitter that light meets first:
//
//   M = B(π/4 + β2) · diag(e^{iθ}, 1) · B(π/4 + β1) · diag(e^{iφ}, 1)
//   B(x) = [[cos x, i sin x], [i sin x, cos x]]
//
// so that θ = 0 is the cross state. U = diag(e^{iψ}) C_{N−1} … C_1 C_0 and z_out = U z_in, mode 0 on top;
// columns, MZIs and the order of controls are in plan.hpp.
//
// From a commanded phase to the light, in this order: wrap into [0, 2π) (wrap_phase of core/phasor.hpp);
// rounding by the source (source.hpp; the caller of a device does it, not the mesh); thermal crosstalk within
// the column, θ with θ and φ with φ (crosstalk.hpp); static error; drift with temperature, κ ΔT on every
// phase. Loss: amplitude 10^(−L/20) on both modes of every MZI, none on a mode without an MZI in the column.
//
// Left out: reflections, polarisation, dispersion, loss that depends on the phase, nonlinear optics. Tested
// by tests/platforms/mzi/mesh.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/mzi/plan.hpp"
#include "pnn/platforms/mzi/process.hpp"

namespace pnn::platforms::mzi {

/// All values of a mesh that its MZIs have in common.
struct MeshPhysics {
  double crosstalk = 0, crosstalk_length = 1;  ///< χ; ℓ in MZIs
  double loss_db = 0;                          ///< L: loss of power in one MZI
  double kappa_rad_per_k = 0.01;               ///< drift of every phase
  double response_spread_rad = 0.05;           ///< standard deviation of phase errors over devices
  /// Whether crosstalk follows the phase as driven, in [0, 2π), and not the control, which training does not
  /// wrap.
  bool wrap = true;
};

/// The physics of a process: full (loss and crosstalk), or `ideal` (neither).
MeshPhysics full_physics(const Process& process);
MeshPhysics ideal_physics(const Process& process);

/// Fabrication errors of each part, in rad.
struct MeshErrors {
  std::vector<double> phase;         ///< static error of each control [control_count]
  std::vector<double> beta1, beta2;  ///< angle errors of the splitters [MZI over all meshes]
};

/// An error-free mesh.
MeshErrors no_errors(const MeshPlan& plan);
/// Samples one device from the process variation: β1, β2 ~ N(0, σ_bs), phase errors ~ N(0, σ_ps) on θ, φ, ψ
/// and α. Addressed by (seed, purpose, stream < 4096, device, step); the numbers of an MZI, mode or
/// attenuator of either mesh do not depend on how many there are.
MeshErrors draw_errors(const Process& process, const MeshPlan& plan, std::uint64_t seed, int purpose,
                       std::uint16_t stream, std::uint32_t device, std::uint32_t step);
/// The same into `errors`, without allocation if it has the sizes of the plan (for a device at every step).
void draw_errors(const Process& process, const MeshPlan& plan, std::uint64_t seed, int purpose,
                 std::uint16_t stream, std::uint32_t device, std::uint32_t step, MeshErrors& errors);

/// The map from controls (rad) to W, complex [out, in], stored as real numbers: rows [0, out) Re W, rows
/// [out, 2·out) Im W. A batch of signals is [batch, 2·modes], real parts of all modes before imaginary parts,
/// and the output of a signal x is [Re W, −Im W; Im W, Re W] x. Gradients by complex numbers are stored in
/// the same way: ∂L/∂Re and ∂L/∂Im.
///
/// Phases and their gradients are summed in double; light is computed in Real. Uses scratch memory of the
/// object: one caller at a time. The same bits for any number of threads.
template <class Real>
class Mesh final : public TransferMap<Real> {
 public:
  /// Throws UsageError if the plan is impossible.
  Mesh(const MeshPlan& plan, const MeshPhysics& physics, const MeshErrors& errors);
  ~Mesh() override;
  Mesh(Mesh&&) noexcept;
  Mesh& operator=(Mesh&&) noexcept;

  [[nodiscard]] const MeshPlan& plan() const;
  [[nodiscard]] Index rows() const override;  ///< 2·out
  [[nodiscard]] Index cols() const override;  ///< in
  [[nodiscard]] Index control_count() const override;
  [[nodiscard]] double lower() const override { return 0; }
  [[nodiscard]] bool periodic() const override { return true; }
  [[nodiscard]] double upper() const override;            ///< 2π
  [[nodiscard]] double response_spread() const override;  ///< rad
  [[nodiscard]] Index element_count() const override;
  /// Every control is an element of its own.
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override;

  /// Replaces the device by another one on the same plan, without allocation. Throws UsageError if the sizes
  /// do not fit.
  void set_errors(const MeshErrors& errors);
  [[nodiscard]] const MeshErrors& errors() const;

  /// Computes W [2·out, in] at the point. response_offset is a further phase (rad) of each control's element,
  /// added after crosstalk.
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  /// From ∂L/∂W [2·out, in], as stored, computes the gradients at the same point: of the controls through
  /// crosstalk, of the offsets (per rad), and of the temperature (per K).
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

  /// Programs the mesh with its errors (clements.hpp), with the gain moved into the attenuators as far as
  /// they allow. Crosstalk, loss and drift are not corrected. Throws InputError for a target that is not
  /// finite.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

  /// One and a half times the number of modes: for 64 modes, both ways take the same time there
  /// (tests/bench/mesh.cpp, around_the_switch); for fewer modes the matrix becomes faster at a somewhat
  /// larger batch.
  [[nodiscard]] Index largest_direct_batch() const override;
  /// Computes the outputs column by column.
  void propagate(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                 MatrixView<Real> outputs) override;
  /// Undoes the columns, starting at the outputs; nothing is kept from propagate().
  void pull_signals(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                    ConstMatrixView<Real> outputs, ConstMatrixView<Real> output_gradient, Pullback<Real>& out,
                    MatrixView<Real> input_gradient) override;

  /// The phases that light meets, in rad, in the order of the controls: wrapped (if the physics says so),
  /// with crosstalk, error, drift and offset. Valid until the next call.
  [[nodiscard]] std::span<const double> phases(const OperatingPoint<Real>& at);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

template <class Real>
std::unique_ptr<Mesh<Real>> make_mesh(const MeshPlan& plan, const MeshPhysics& physics,
                                      const MeshErrors& errors) {
  return std::make_unique<Mesh<Real>>(plan, physics, errors);
}

}  // namespace pnn::platforms::mzi
