// A diffractive network (X. Lin et al., Science 361, 1004 (2018)): a field passes phase masks with free space
// behind each, and detectors add up the light in regions of the last plane.
//
//   v_k = u_k t'_k,      u_{k+1} = P(d_k) v_k,      I_r = Σ_{p ∈ region r} |u_n|²_p
//
// for masks k = 0 … n − 1: u_0 is the field on the first mask, t' its transmission (d2nn_mask.hpp), P free
// space over d_k (d2nn_propagation.hpp; light to the first mask is the caller's AngularSpectrum).
// Intensities are quadratic in u_0. Gradients are those of the sums that forward() does, up to rounding, and
// pass levels of phase straight through; at whole-pixel misalignments that by the misalignment is the right
// derivative of two. Nothing of size pixels² is formed; forward() and pullback() allocate nothing.
//
// Controls are phases [mask, height, width] in rad, any real number; they act modulo 2π. Left out: roughness
// of the masks, absorption, reflections between masks, partial coherence, errors of the distances, noise of
// the detectors. Pinned by tests/platform/d2nn.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/platform/d2nn_mask.hpp"
#include "pnn/platform/d2nn_propagation.hpp"

namespace pnn::platform {

/// A rectangle of pixels, its first column and row, and its sides.
struct DetectorRegion {
  Index x = 0, y = 0, width = 1, height = 1;
  bool operator==(const DetectorRegion&) const = default;
};

/// What is built. The reference: two masks of 128 × 128 pixels of 2 µm, green light, gaps of some mm.
struct D2nnPlan {
  D2nnPlane plane;
  std::vector<double> gaps_mm{2, 2};      ///< d_k behind mask k, 0 or more; as many as masks, 1 or more
  Index levels = 0;                       ///< of phase over a turn, at most 65 536; 0: any phase
  std::vector<DetectorRegion> detectors;  ///< one an output, 1 or more; they may overlap

  [[nodiscard]] Index masks() const { return Index(gaps_mm.size()); }
  [[nodiscard]] Index out() const { return Index(detectors.size()); }
  [[nodiscard]] Index control_count() const { return masks() * plane.pixels(); }
  bool operator==(const D2nnPlan&) const = default;
};

/// What is wrong with a plan; empty if nothing.
std::vector<std::string> check_plan(const D2nnPlan& plan);

/// rows × cols squares of `side` pixels, row by row, each in the middle of an equal part of the plane.
std::vector<DetectorRegion> detector_grid(const D2nnPlane& plane, Index rows, Index cols, Index side);

/// Fractions of the entering power that are lost at a mask (misaligned) and in the gap behind it.
struct D2nnLosses {
  double mask = 0, band = 0, window = 0;
};

/// forward() and pullback() are constant: several callers may share a stack, each with a Work of its own, and
/// a batch is cut in chunks of a size that the number of threads does not change.
template <class Real>
class D2nnStack {
 public:
  /// The fields of one sample, and the sums of gradients over samples.
  class Work {
   public:
    explicit Work(const D2nnPlan& plan);
    /// u_k [2, height, width] of the last forward(), k = 0 … masks; the last is the detectors' plane.
    [[nodiscard]] std::span<const Real> field(Index k) const { return fields_[std::size_t(k)]; }
    /// Forgets the gradients collected so far.
    void clear();

   private:
    friend class D2nnStack;
    std::vector<std::vector<Real>> fields_;           ///< u_k
    std::vector<std::vector<Real>> by_transmission_;  ///< Σ over samples ∂L/∂t'_k
    std::vector<Real> light_;                         ///< what travels
    typename AngularSpectrum<Real>::Scratch scratch_;
  };

  /// Flat, aligned masks. Throws UsageError where check_plan complains.
  explicit D2nnStack(const D2nnPlan& plan);

  [[nodiscard]] const D2nnPlan& plan() const { return plan_; }
  [[nodiscard]] const PhaseMask<Real>& mask(Index k) const { return masks_[std::size_t(k)]; }

  /// Phases [mask, height, width] in rad.
  void set_phases(std::span<const Real> phases);
  /// One misalignment a mask; none: all aligned.
  void align(std::span<const System> misalignments);

  /// I [out] of the field [2, height, width] on the first mask, in its unit of power (Σ |u|²).
  void forward(std::span<const Real> entry, Work& work, std::span<Real> intensities) const;
  /// forward(), and what is lost on the way, one a mask; nothing of a dark field.
  [[nodiscard]] std::vector<D2nnLosses> losses(std::span<const Real> entry, Work& work) const;

  /// After forward() of the same Work: from a loss's gradient by I [out], writes its gradient by the real and
  /// imaginary parts of the entering field to `by_entry` [2, height, width], unless that is empty, and keeps
  /// what collect() needs.
  void pullback(std::span<const Real> by_intensity, Work& work, std::span<Real> by_entry) const;
  /// Adds the gradients of all pullback() since the last clear(): by phases [mask, height, width], by
  /// misalignments [mask]; either may be empty. Then clears. Phases and misalignments must not have changed
  /// since.
  void collect(Work& work, std::span<Real> by_phase, std::span<System> by_misalignment) const;

 private:
  [[nodiscard]] const AngularSpectrum<Real>& gap(Index k) const {
    return spaces_[space_of_gap_[std::size_t(k)]];
  }
  void pass_mask(Index k, Work& work) const;

  D2nnPlan plan_;
  std::vector<PhaseMask<Real>> masks_;
  std::vector<AngularSpectrum<Real>> spaces_;  ///< one a different distance
  std::vector<std::size_t> space_of_gap_;
};

}  // namespace pnn::platform
