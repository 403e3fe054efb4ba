// A diffractive network (X. Lin et al., Science 361, 1004 (2018)): a field passes phase masks with free space
// before and behind each, and detectors add up the light in regions of the last plane.
//
//   u_0 = P(d_in + z_0) e,      v_k = u_k t'_k,      u_{k+1} = P(d_k + z_{k+1} − z_k) v_k,
//   I_r = Σ_{p ∈ region r} |u_n|²_p
//
// for masks k = 0 … n − 1: e is the field on the input plane, P free space (d2nn_propagation.hpp), t' the
// transmission of a mask and z its place along the light, z_n = 0 (both are what d2nn_masks.hpp makes of
// phases). Intensities are quadratic in e. Gradients are those of the sums that forward() does, up to
// rounding. Nothing of size pixels² is formed.
//
// Left out: roughness of the masks, absorption, reflections between masks, partial coherence, noise of the
// detectors. Pinned by tests/platform/d2nn.cpp.
#pragma once

#include <span>
#include <vector>

#include "pnn/platform/d2nn_plan.hpp"
#include "pnn/platform/d2nn_propagation.hpp"

namespace pnn::platform {

/// Fractions of the entering power that are lost at a mask (misaligned) and in the gap behind it.
struct D2nnLosses {
  double mask = 0, band = 0, window = 0;
};

/// Whether gradients by z are wanted too: they cost half a propagation more a gap.
enum class AxialGradient { no, yes };

/// forward() and pullback() are constant: several callers may share a stack, each with a Scratch of its own.
template <class Real>
class D2nnStack {
 public:
  /// What one caller at a time needs.
  class Scratch {
   public:
    explicit Scratch(const D2nnPlan& plan);

   private:
    friend class D2nnStack;
    typename AngularSpectrum<Real>::Scratch space_;
    std::vector<Real> light_, sent_;  ///< what travels, what was sent
  };

  /// Throws UsageError where check_plan complains.
  explicit D2nnStack(const D2nnPlan& plan);

  [[nodiscard]] const D2nnPlan& plan() const { return plan_; }
  /// Values of all fields u_0 … u_n of a sample, [masks + 1, 2, height, width].
  [[nodiscard]] Index fields_size() const { return (plan_.masks() + 1) * plan_.plane.field_size(); }

  /// W [masks, 2 · pixels + 1] of D2nnMasks, which must stay alive and unchanged until the next call. Free
  /// space is made anew where distances have changed. Throws UsageError where a z is not finite.
  void set_weights(ConstMatrixView<Real> weights);

  /// I [out] of the field e [2, height, width], in its unit of power (Σ |u|²); `fields` [fields_size()] are
  /// for pullback(). Allocates nothing.
  void forward(std::span<const Real> entry, std::span<Real> fields, std::span<Real> intensities,
               Scratch& scratch) const;
  /// forward(), and what is lost on the way, one a mask; nothing of a dark field. What is lost before the
  /// first mask counts as not having entered.
  [[nodiscard]] std::vector<D2nnLosses> losses(std::span<const Real> entry, std::span<Real> fields,
                                               Scratch& scratch) const;

  /// From a loss's gradient by I [out], at the e and the fields of a forward() with these weights: adds its
  /// gradient to `by_weights` [masks, 2 · pixels + 1] (the last column only if wanted), and writes that by
  /// the real and imaginary parts of e to `by_entry` [2, height, width], unless that is empty.
  void pullback(std::span<const Real> entry, std::span<const Real> fields, std::span<const Real> by_intensity,
                MatrixView<Real> by_weights, std::span<Real> by_entry, AxialGradient axial,
                Scratch& scratch) const;

 private:
  /// Free space before the first mask (gap 0) or behind mask gap − 1.
  [[nodiscard]] const AngularSpectrum<Real>& space(Index gap) const {
    return spaces_[space_of_gap_[std::size_t(gap)]];
  }
  [[nodiscard]] std::span<const Real> transmission(Index mask) const {
    return {weights_ + mask * (plan_.plane.field_size() + 1), std::size_t(plan_.plane.field_size())};
  }
  void pass_mask(Index mask, std::span<const Real> field, std::span<Real> light) const;
  void set_distances(std::span<const double> distances_mm);

  D2nnPlan plan_;
  const Real* weights_ = nullptr;
  std::vector<AngularSpectrum<Real>> spaces_;  ///< one a different distance, and some that are spare
  std::vector<std::size_t> space_of_gap_;
};

}  // namespace pnn::platform
