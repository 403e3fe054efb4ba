// Free-space multiplication: a display shows the inputs, a modulator the weights, and a camera sums the light
// of each output in one cell (plan.hpp). A map from transmissions to a matrix, and gradients back.
//
//   W_ij = σ Σ_{p ∈ cell i} s_p g_p (B R P)_pj / block area − o
//
// with the modulator's transmission s, the gain g, the misalignment R and the blur B (warp.hpp), and the 0/1
// matrix P of what the display shows: light that falls on another cell than its own counts there. Aligned,
// with g = 1 and without blur, the sum is s_ij. With the signs `halves` and `exposures`, two such sums, of s₊
// and s₋, are subtracted (σ = ±1, o = 0); with `offset` there is one (σ = 2, o = 1). A modulator of contrast
// C passes 1/C + (1 − 1/C) s, and 1/C in the guard band.
//
// W is linear in s, and differentiable in the misalignment except where a sample meets the centre of a pixel.
// Left out: coherence, diffraction, distortion of higher order, crosstalk between pixels of the modulator.
// The gamma of the display acts on inputs (platform.cpp). Tested by tests/platforms/freespace/freespace.cpp.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pnn/platform/transfer_map.hpp"
#include "pnn/platforms/freespace/plan.hpp"
#include "pnn/platforms/freespace/process.hpp"

namespace pnn::platforms::freespace {

/// All values of a multiplier that devices have in common.
struct Physics {
  double blur_px = 0;
  double contrast = 0;  ///< contrast C; 0 is perfect
  bool conserve = false;
  double gain_length = 0.25;      ///< correlation length of the gain, in sides of the plane
  double response_spread = 0.03;  ///< standard deviation of the transmission over devices
};

/// The physics of a process: full, or `ideal` (without blur and leaks).
Physics full_physics(const Process& process);
Physics ideal_physics(const Process& process);

/// The values that differ between devices.
struct Errors {
  System misalignment;       ///< misalignment without conditions (no temperature)
  double gamma = 2.2;        ///< gamma of its display
  std::vector<double> gain;  ///< knots of its gain field [gain_knots], 0 for an even gain; empty: all 0
};

/// Number of knots along a side of a gain field, and of the whole field.
inline constexpr Index gain_knots_a_side = 16;
inline constexpr Index gain_knots = gain_knots_a_side * gain_knots_a_side;

/// The functions of a gain field along one axis of a plane [pixel, knot]: φ_k(p) / √(Σ_k φ_k(p)²), where φ
/// are Gaussians of width length/√2. Knots are equidistant, from two widths before the plane to two widths
/// behind it, closer together than one width.
Matrix<double> gain_functions(double length, Index pixels);

/// The gain 1 + down · z · acrossᵀ, at least 0, at the pixels of a plane [height, width], from knots z [knot
/// of y, knot of x] and the gain_functions of both axes. Independent knots of spread σ give a Gaussian random
/// field of spread σ everywhere and of correlation exp(−d²/(2 length²)), with d in sides of the plane.
std::vector<double> gain_field(std::span<const double> knots, const Matrix<double>& across,
                               const Matrix<double>& down);

/// A device as designed, and one sampled from the process variation, addressed by (seed, purpose, stream <
/// 4096, device, step).
Errors no_errors(const Process& process);
Errors draw_errors(const Process& process, std::uint64_t seed, int purpose, std::uint16_t stream,
                   std::uint32_t device, std::uint32_t step);

/// Transmissions with which an aligned system multiplies by `weights` [out, in] in [−1, 1] (clipped
/// otherwise), with the least light: of each pair, the transmission of one sign is 0.
template <class Real>
void show_weights(const Plan& plan, ConstMatrixView<Real> weights, std::span<Real> controls);

/// The map from transmissions to W [out, in], which is real. The light of inputs is summed in double where
/// the misalignment changes, all else in Real. Uses scratch memory of the object: one caller at a time. The
/// same bits for any number of threads.
template <class Real>
class Freespace final : public TransferMap<Real> {
 public:
  /// Throws UsageError if the plan is impossible.
  Freespace(const Plan& plan, const Physics& physics, const Errors& errors);
  ~Freespace() override;

  [[nodiscard]] const Plan& plan() const;
  [[nodiscard]] Index rows() const override;  ///< out
  [[nodiscard]] Index cols() const override;  ///< in
  [[nodiscard]] Index control_count() const override;
  [[nodiscard]] double lower() const override { return 0; }
  [[nodiscard]] double upper() const override { return 1; }
  [[nodiscard]] double response_spread() const override;
  /// Every control is an element of its own.
  [[nodiscard]] Index element_count() const override { return control_count(); }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override;

  /// Replaces the device by another one on the same plan.
  void set_errors(const Errors& errors);

  /// The response offset is added to the transmissions. Throws UsageError unless the magnification is above
  /// −1.
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

  /// Uses show_weights: misalignment, gain and leaks are not corrected.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

  /// The light [out, in] that the camera gets in all cells of an output together, in the unit of s. Shot
  /// noise depends on it.
  void light(const OperatingPoint<Real>& at, MatrixView<Real> sums);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

template <class Real>
std::unique_ptr<Freespace<Real>> make_freespace(const Plan& plan, const Physics& physics,
                                                const Errors& errors) {
  return std::make_unique<Freespace<Real>>(plan, physics, errors);
}

}  // namespace pnn::platforms::freespace
