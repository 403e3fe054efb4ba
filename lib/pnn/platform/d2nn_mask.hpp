// A phase mask of a diffractive network: phases → the transmission that light meets, where the mask may be
// quantised and may stand aside, and gradients back.
//
//   t_q = exp(i (Q(φ_q) + e_q)),      t'_p = Σ_q R_pq t_q
//
// with φ the phase that is asked for, Q the nearest of `levels` phases 2πn/levels (none: Q(φ) = φ), e what
// fabrication and surroundings add to what the mask was set to, which no level rounds, and R the bilinear
// samples of the misalignment (warp.hpp: rotation about the mask's centre from x towards y, shift in px,
// magnification). A sample between pixels mixes their complex transmissions, so its modulus is at most 1 and
// light is lost where neighbours differ; beyond the mask's border all is opaque. Aligned, t' = t to the bit.
//
// Gradients pass Q straight through: as if Q were the identity, at the quantised phases. R is differentiable
// but for the lines where a sample meets a pixel's centre. Left out: absorption, surface roughness, finite
// height (a thin mask), the dependence on angle and wavelength, and tilt. Pinned by
// tests/platform/d2nn.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platform/system.hpp"

namespace pnn::platform {

template <class Real>
class PhaseMask {
 public:
  /// A flat mask (φ = 0) of height × width pixels, aligned, of phases without levels (0) or with 1 to 65 536
  /// of them; 2^bits for a modulator of that many bits. Throws UsageError outside.
  PhaseMask(Index width, Index height, Index levels);

  /// Phases asked for [height, width] in rad, any below 2^20 turns; `added` to their levels, as many, or
  /// empty for none.
  void set_phases(std::span<const Real> phases, std::span<const Real> added = {});
  /// Throws UsageError where the magnification is not above −1. Temperature and axial shift are ignored.
  void align(const System& system);
  [[nodiscard]] const System& misalignment() const { return misalignment_; }

  /// t' [2, height, width], real parts first, of the last phases and misalignment.
  [[nodiscard]] std::span<const Real> transmission() const { return moved_; }

  /// From a loss's gradient by t' [2, height, width] (∂/∂Re t', then ∂/∂Im t'): adds its gradient by the
  /// phases to `by_phase` [height, width]; gives that by the misalignment, 0 for what is ignored.
  void phase_pullback(std::span<const Real> by_transmission, std::span<Real> by_phase) const;
  [[nodiscard]] System misalignment_pullback(std::span<const Real> by_transmission) const;

 private:
  struct Samples {
    std::array<std::uint32_t, 4> pixel{};
    std::array<Real, 4> weight{};
  };
  void sample();

  Index width_, height_, levels_;
  System misalignment_;
  bool aligned_ = true;            ///< R is the identity, and samples_ may be old
  std::vector<Samples> samples_;   ///< rows of R
  std::vector<Real> own_, moved_;  ///< t and t' [2, height, width]
};

}  // namespace pnn::platform
