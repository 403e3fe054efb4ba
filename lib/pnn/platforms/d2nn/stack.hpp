// A diffractive network (X. Lin et al., Science 361, 1004 (2018)): light passes phase masks with free space
// before and behind each, and detectors sum its power over regions of the last plane.
//
//   u_0 = P(d_in + z_0) e,      v_k = u_k t'_k,      u_{k+1} = P(d_k + z_{k+1} − z_k) v_k,
//   I_r = Σ_{p ∈ region r} |u_n|²_p
//
// for masks k = 0 … n − 1, with the field e on the input plane, free space P (propagation.hpp), the
// transmission t' of a mask and its axial shift z, z_n = 0 (masks.hpp computes both from phases). Intensities
// are quadratic in e. Gradients are those of the sums that forward() computes, up to rounding. Nothing of
// size pixels² is formed.
//
// Left out: roughness of the masks, absorption, reflections between masks, partial coherence, noise of the
// detectors. Tested by tests/platforms/d2nn/masks.cpp.
#pragma once

#include <span>
#include <vector>

#include "pnn/platforms/d2nn/plan.hpp"
#include "pnn/platforms/d2nn/propagation.hpp"

namespace pnn::platforms::d2nn {

/// Fractions of the input power that are lost at a (misaligned) mask and in the gap behind it.
struct Losses {
  double mask = 0, band = 0, window = 0;
};

/// Whether gradients by z are computed too: they cost half a propagation more for each gap.
enum class AxialGradient { no, yes };

/// The masks and the free space between them. forward() and pullback() are constant: several callers may
/// share a stack, each with a Scratch of its own.
template <class Real>
class Stack {
 public:
  /// Scratch memory of one caller.
  class Scratch {
   public:
    explicit Scratch(const Plan& plan);

   private:
    friend class Stack;
    typename AngularSpectrum<Real>::Scratch space_;
    std::vector<Real> light_, sent_;  ///< the travelling field, and the one that was sent
  };

  /// Throws UsageError if check_plan complains.
  explicit Stack(const Plan& plan);

  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// Number of values of all fields u_0 … u_n of a sample, [masks + 1, 2, height, width].
  [[nodiscard]] Index fields_size() const { return (plan_.masks() + 1) * plan_.plane.field_size(); }

  /// Takes W [masks, 2 · pixels + 1] of Masks, which must stay alive and unchanged until the next call. Free
  /// space is prepared again where distances have changed. Throws UsageError if a z is not finite.
  void set_weights(ConstMatrixView<Real> weights);

  /// Computes I [out] of the field e [2, height, width], in its unit of power (Σ |u|²). `fields`
  /// [fields_size()] are for pullback(). Allocates nothing.
  void forward(std::span<const Real> entry, std::span<Real> fields, std::span<Real> intensities,
               Scratch& scratch) const;
  /// forward(), which also returns the losses of each mask; 0 for a dark field. Light that is lost before the
  /// first mask counts as not having entered.
  [[nodiscard]] std::vector<Losses> losses(std::span<const Real> entry, std::span<Real> fields,
                                           Scratch& scratch) const;

  /// From the gradient of a loss by I [out], with the e and the fields of a forward() with these weights:
  /// adds its gradient to `by_weights` [masks, 2 · pixels + 1] (the last column only if wanted), and writes
  /// that by the real and imaginary parts of e to `by_entry` [2, height, width], unless that is empty.
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

  Plan plan_;
  const Real* weights_ = nullptr;
  std::vector<AngularSpectrum<Real>> spaces_;  ///< one for each different distance, and spare ones
  std::vector<std::size_t> space_of_gap_;
};

}  // namespace pnn::platforms::d2nn
