// Mach-Zehnder meshes: phases → complex transfer matrix, and gradients back; or straight from a batch of
// signals to outputs, column by column, without the matrix.
//
// One MZI of the rectangular mesh (Clements et al., Optica 3, 1460, 2016); β1 is the error of the splitter
// met first:
//
//   M = B(π/4 + β2) · diag(e^{iθ}, 1) · B(π/4 + β1) · diag(e^{iφ}, 1)
//   B(x) = [[cos x, i sin x], [i sin x, cos x]]
//
// so θ = 0 is the cross state. U = diag(e^{iψ}) C_{N−1} … C_1 C_0 and z_out = U z_in, mode 0 on top; columns,
// MZIs and the order of controls: mesh_plan.hpp.
//
// From a commanded phase to the light, in this order: wrap into [0, 2π) (wrap_phase of core/phasor.hpp);
// rounding by the source (source.hpp; whoever drives a device does it, not the mesh); thermal crosstalk
// within the column, θ with θ and φ with φ (mesh_crosstalk.hpp); static error; drift with temperature, κ ΔT
// on every phase. Loss: amplitude 10^(−L/20) on both modes of every MZI, none on a mode that passes by.
//
// Left out: reflections, polarisation, dispersion, loss that depends on the phase, nonlinear light.
// Pinned by tests/platform/mesh.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pnn/platform/mesh_plan.hpp"
#include "pnn/platform/mzi_process.hpp"
#include "pnn/platform/signal_map.hpp"

namespace pnn::platform {

/// Everything of a mesh that is not one MZI's own.
struct MeshPhysics {
  double crosstalk = 0, crosstalk_length = 1;  ///< χ; ℓ in MZIs
  double loss_db = 0;                          ///< L: power lost an MZI
  double kappa_rad_per_k = 0.01;               ///< drift of every phase
  double response_spread_rad = 0.05;           ///< σ of a device's phase errors
  /// Heat follows the phase as driven, in [0, 2π), and not the controls, which a trainer keeps unwrapped.
  bool wrap = true;
};

/// Loss and crosstalk of a process; or the `ideal` mesh without either.
MeshPhysics full_physics(const MziProcess& process);
MeshPhysics ideal_physics(const MziProcess& process);

/// What fabrication did to each part, in rad.
struct MeshErrors {
  std::vector<double> phase;         ///< static error of each control [control_count]
  std::vector<double> beta1, beta2;  ///< angle errors of the splitters [MZI over all meshes]
};

/// An error-free mesh.
MeshErrors no_errors(const MeshPlan& plan);
/// One device drawn from the process: β1, β2 ~ N(0, σ_bs), phase errors ~ N(0, σ_ps) on θ, φ, ψ and α.
/// Addressed by (seed, purpose, stream < 4096, device, step); the numbers of an MZI, mode or attenuator of
/// either mesh do not depend on how many there are.
MeshErrors draw_errors(const MziProcess& process, const MeshPlan& plan, std::uint64_t seed, int purpose,
                       std::uint16_t stream, std::uint32_t device, std::uint32_t step);
/// The same into `errors`, without allocation once it has the plan's sizes: a device at every step.
void draw_errors(const MziProcess& process, const MeshPlan& plan, std::uint64_t seed, int purpose,
                 std::uint16_t stream, std::uint32_t device, std::uint32_t step, MeshErrors& errors);

/// Controls (rad) → W, complex [out, in], stored real: rows [0, out) Re W, rows [out, 2·out) Im W. A batch of
/// signals is [batch, 2·modes], real parts of all modes before imaginary parts, so that of a signal x the
/// output is [Re W, −Im W; Im W, Re W] x. Gradients by complex numbers are stored the same way:
/// ∂L/∂Re and ∂L/∂Im.
///
/// Phases and gradients of phases add up in double; light is computed in Real. One caller at a time (scratch
/// is the mesh's). The same bytes for any number of threads.
template <class Real>
class Mesh final : public SignalMap<Real> {
 public:
  /// Throws UsageError where the plan cannot be.
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

  /// Another device on the same plan, without allocation. Throws UsageError where the sizes do not fit.
  void set_errors(const MeshErrors& errors);
  [[nodiscard]] const MeshErrors& errors() const;

  /// W [2·out, in] at the point; response_offset is a further phase (rad) on each control's element, behind
  /// crosstalk.
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  /// From ∂L/∂W [2·out, in], as stored, the gradients at the same point: of the controls through crosstalk,
  /// of the offsets (a rad), and of the temperature (a K).
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

  /// By a program of the mesh as it is (clements.hpp), its gain moved into the attenuators as far as they go.
  /// Crosstalk, loss and drift are not made up for. Throws InputError for a target that is not finite.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

  /// One and a half times the number of modes: there both take the same time with 64 (tests/bench/mesh.cpp,
  /// around_the_switch); fewer modes cross a little later.
  [[nodiscard]] Index largest_direct_batch() const override;
  /// Column by column.
  void propagate(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                 MatrixView<Real> outputs) override;
  /// Columns are undone from the outputs; nothing is kept from the way forth.
  void pull_signals(const OperatingPoint<Real>& at, ConstMatrixView<Real> inputs,
                    ConstMatrixView<Real> outputs, ConstMatrixView<Real> output_gradient, Pullback<Real>& out,
                    MatrixView<Real> input_gradient) override;

  /// The phases that the light meets, in rad, in the order of the controls: wrapped (if the physics says so),
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

}  // namespace pnn::platform
