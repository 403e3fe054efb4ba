// A phase mask of a diffractive network: phases → the transmission that light meets, with levels and
// misalignment, and gradients back.
//
//   t_q = exp(i (Q(φ_q) + e_q)),      t'_p = Σ_q R_pq t_q
//
// with the commanded phase φ, Q the nearest of `levels` phases 2πn/levels (without levels Q(φ) = φ), e the
// sum of fabrication errors and conditions, which is not rounded, and R the bilinear samples of the
// misalignment (warp.hpp: rotation about the centre of the mask from x towards y, shift in px,
// magnification). A sample between pixels mixes their complex transmissions, so that its modulus is at most 1
// and light is lost where neighbours differ; everything beyond the border of the mask is opaque. Aligned, t'
// = t to the bit.
//
// Gradients ignore Q (straight-through): they are those of the identity, taken at the rounded phases. R is
// differentiable except where a sample meets the centre of a pixel. Left out: absorption, surface roughness,
// the height of the mask (it is thin), the dependence on angle and wavelength, and tilt. Tested by
// tests/platforms/d2nn/masks.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::d2nn {

/// One mask.
template <class Real>
class PhaseMask {
 public:
  /// Makes a flat mask (φ = 0) of height × width pixels, aligned, with 1 to 65 536 levels of phase, or 0 for
  /// any phase; a modulator of so many bits has 2^bits. Throws UsageError otherwise.
  PhaseMask(Index width, Index height, Index levels);

  /// Sets the commanded phases [height, width] in rad, of fewer than 2^20 turns; `added` (as many, or empty)
  /// is added after rounding to levels.
  void set_phases(std::span<const Real> phases, std::span<const Real> added = {});
  /// Sets the misalignment. Throws UsageError unless the magnification is above −1. Temperature and axial
  /// shift are ignored.
  void align(const System& system);
  [[nodiscard]] const System& misalignment() const { return misalignment_; }

  /// t' [2, height, width], real parts first, for the last phases and misalignment.
  [[nodiscard]] std::span<const Real> transmission() const { return moved_; }

  /// From the gradient of a loss by t' [2, height, width] (∂/∂Re t', then ∂/∂Im t'): phase_pullback() adds
  /// its gradient by the phases to `by_phase` [height, width]; misalignment_pullback() returns its gradient
  /// by the misalignment, with 0 for ignored parameters.
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
  bool aligned_ = true;            ///< R is the identity, and samples_ may be outdated
  std::vector<Samples> samples_;   ///< rows of R
  std::vector<Real> own_, moved_;  ///< t and t' [2, height, width]
};

}  // namespace pnn::platforms::d2nn
