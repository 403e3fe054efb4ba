// Perturbations ε of the controls Θ in dimensionless coordinates: which parameters are perturbed, in which
// unit, which ones together, and how a direction is normalised. A perturbation satisfies ‖D⁻¹ε‖₂ ≤ ρ√n with D
// diagonal; to first order the loss rises most along ε = ρ√n D (D ∂L/∂Θ)/‖D ∂L/∂Θ‖₂. With D = 1 and ρ√n → ρ
// this is the ε of SAM (Foret and others, ICLR 2021), with D = T = |Θ| + η that of ASAM (Kwon and others,
// ICML 2021): ε = ρ T² ∂L/∂Θ / ‖T ∂L/∂Θ‖₂.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/train/objective.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// The quantity to which a perturbation is added.
enum class Target {
  controls,  ///< controls; they are then projected into their range
  response,  ///< the detuning or the phase of each element
  weights,   ///< the elements of the weight matrices (methods in weight space)
};

/// The coordinates u of a perturbation: one for each control (or weight) or for each physical element, and
/// one for each digital parameter if those are perturbed. The offset of parameter k is unit_k · u_{tie(k)},
/// where unit_k is D_k times the relative radius of its group, and 0 for layers that are not perturbed.
class PerturbationSpace {
 public:
  PerturbationSpace(const Objective<float>& objective, const std::vector<platform::AnyPlan>& plans,
                    const TrainSettings& settings);

  /// The number of coordinates.
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] Target target() const { return target_; }
  /// Whether a physical layer is perturbed.
  [[nodiscard]] bool reaches(std::size_t layer) const { return reaches_[layer]; }

  /// Updates the units from the present parameters if they depend on them (scale adaptive).
  void set_scale(std::span<const float> controls, std::span<const float> digital);
  /// u += amount · standard normal numbers from `stream`.
  void add_noise(const Stream& stream, double amount, std::span<float> u);
  /// Converts a gradient to these coordinates: g_u = Σ_k unit_k ∂L/∂(parameter k) over the parameters k of a
  /// coordinate.
  void pull(const PointGradient<float>& gradient, std::span<float> coordinate_gradient) const;
  /// u += amount · √n · ĝ (radius rms) or amount · ĝ (radius total); a gradient of 0 changes nothing.
  void add_direction(std::span<const float> coordinate_gradient, double amount, std::span<float> u) const;
  /// Computes the perturbed parameters and lets `point` refer to them; they remain valid until the next call.
  void apply(std::span<const float> u, std::span<const float> controls, std::span<const float> digital,
             Point<float>& point);

 private:
  /// The first flat index of a layer's perturbed quantity.
  [[nodiscard]] Index begin_of(std::size_t layer) const {
    return target_ == Target::weights ? objective_.weight_offset(layer) : objective_.offset(layer);
  }
  struct Group {  ///< coordinates normalised together when the norm is by layer
    Index begin, end;
    double members;  ///< how many of them are perturbed
  };
  const Objective<float>& objective_;
  Target target_;
  bool adaptive_, total_;
  bool tied_ = false;  ///< whether parameters may share a coordinate; else each has the one of its number
  Index size_ = 0, ties_ = 0;
  std::vector<bool> reaches_;
  std::vector<std::uint32_t> tie_;    ///< coordinate of each control
  std::vector<float> lower_, upper_;  ///< [control]: where each may be
  std::vector<float> unit_, factor_;  ///< [control]; factor_ is the relative radius of the group
  double digital_factor_ = 0;
  std::vector<float> digital_unit_;
  std::vector<Group> groups_;
  std::vector<float> offset_, controls_, digital_, noise_;
};

}  // namespace pnn::train
