// Free-space multiplication by light: a display shows the inputs, a modulator the weights, and each output is
// the light that a camera counts in one cell (freespace_plan.hpp). Transmissions → matrix, and gradients
// back.
//
//   W_ij = σ Σ_{p ∈ cell i} s_p g_p (B R P)_pj / block area − o
//
// with s the modulator's transmission, g the gain, R the misalignment and B the blur (warp.hpp), P the 0/1
// matrix of what the display shows: light of one cell's copy that falls on another cell counts there.
// Aligned, with g = 1 and without blur, that is s_ij. Signs halves and exposures subtract two such sums, of
// s₊ and s₋ (σ = ±1, o = 0); offset has one (σ = 2, o = 1). A modulator of contrast C passes 1/C + (1 − 1/C)
// s, the guard band 1/C.
//
// W is linear in s, and differentiable in the misalignment but for the lines where a sample meets a pixel's
// centre. Left out: coherence, diffraction, distortion of higher order, cross-talk of the modulator's pixels,
// the display's gamma (hardware.hpp: it acts on inputs). Pinned by tests/platform/freespace.cpp.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pnn/platform/freespace_plan.hpp"
#include "pnn/platform/freespace_process.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::platform {

/// Everything of a multiplier that is not one device's own.
struct FreespacePhysics {
  double blur_px = 0;
  double contrast = 0;  ///< C; 0 is perfect
  bool conserve = false;
  double gain_length = 0.25;      ///< in sides of the plane
  double response_spread = 0.03;  ///< σ of a device's transmission
};

/// All of a process; or the `ideal` system without blur and leaks.
FreespacePhysics full_physics(const FreespaceProcess& process);
FreespacePhysics ideal_physics(const FreespaceProcess& process);

/// What is one device's own.
struct FreespaceErrors {
  System misalignment;       ///< where it stands before anything moves it (no temperature)
  double gamma = 2.2;        ///< of its display
  std::vector<double> gain;  ///< knots of its gain field [gain_knots], 0 where even; empty: all even
};

/// Knots a side of a gain field, and of all of it.
inline constexpr Index gain_knots_a_side = 16;
inline constexpr Index gain_knots = gain_knots_a_side * gain_knots_a_side;

/// 1 + Σ_k z_k φ_k(p) / √(Σ_k φ_k(p)²), not below 0, at the pixels of a plane: Gaussians φ of width
/// length/√2, so that independent knots of spread σ give a Gaussian field of spread σ everywhere and of
/// correlation exp(−d²/(2 length²)), d in sides of the plane.
/// With gain_functions down and across it is 1 + down · z · acrossᵀ, z [knot of y, knot of x].
std::vector<double> gain_field(std::span<const double> knots, double length, Index width, Index height);

/// Its functions of one axis [pixel, knot], each row of unit norm. Knots stand from two widths before the
/// plane to two behind it, closer together than a width.
Matrix<double> gain_functions(double length, Index pixels);

/// A device as designed, and one drawn from the process, addressed by (seed, purpose, stream < 4096, device,
/// step).
FreespaceErrors no_errors(const FreespaceProcess& process);
FreespaceErrors draw_errors(const FreespaceProcess& process, std::uint64_t seed, int purpose,
                            std::uint16_t stream, std::uint32_t device, std::uint32_t step);

/// Transmissions with which an aligned system multiplies by `weights` [out, in] within [−1, 1] (cut beyond),
/// with the least light: one sign of each pair stays dark.
template <class Real>
void show_weights(const FreespacePlan& plan, ConstMatrixView<Real> weights, std::span<Real> controls);

/// W [out, in] is real. Light is added up in double where the misalignment changes, else in Real. One caller
/// at a time (scratch is the map's). The same bytes for any number of threads.
template <class Real>
class Freespace final : public TransferMap<Real> {
 public:
  /// Throws UsageError where the plan cannot be.
  Freespace(const FreespacePlan& plan, const FreespacePhysics& physics, const FreespaceErrors& errors);
  ~Freespace() override;

  [[nodiscard]] const FreespacePlan& plan() const;
  [[nodiscard]] Index rows() const override;  ///< out
  [[nodiscard]] Index cols() const override;  ///< in
  [[nodiscard]] Index control_count() const override;
  [[nodiscard]] double lower() const override { return 0; }
  [[nodiscard]] double upper() const override { return 1; }
  [[nodiscard]] double response_spread() const override;
  /// Every control is an element of its own.
  [[nodiscard]] Index element_count() const override { return control_count(); }
  [[nodiscard]] std::span<const std::uint32_t> element_of_control() const override;

  /// Another device on the same plan.
  void set_errors(const FreespaceErrors& errors);

  /// The response offset is added to the transmissions. Throws UsageError where the magnification is not
  /// above −1.
  void evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) override;
  void pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                Pullback<Real>& out) override;

  /// By show_weights: misalignment, gain and leaks are not made up for.
  double invert(ConstMatrixView<Real> weights, std::span<Real> controls) override;

  /// The light [out, in] that the camera gets in all cells of an output together, in the unit of s: what its
  /// shot noise follows.
  void light(const OperatingPoint<Real>& at, MatrixView<Real> sums);

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

template <class Real>
std::unique_ptr<Freespace<Real>> make_freespace(const FreespacePlan& plan, const FreespacePhysics& physics,
                                                const FreespaceErrors& errors) {
  return std::make_unique<Freespace<Real>>(plan, physics, errors);
}

}  // namespace pnn::platform
