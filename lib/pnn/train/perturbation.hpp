// Perturbations of control space in dimensionless coordinates: which parameters move, in what unit, what
// moves together, and how a direction is normalised: ‖D⁻¹ε‖₂ ≤ ρ√n with D diagonal, in which the loss rises
// most, to first order, along ε = ρ√n D (D ∂L/∂Θ)/‖D ∂L/∂Θ‖₂. D = 1 and ρ√n → ρ is the ε of SAM (Foret and
// others, ICLR 2021), D = T = |Θ| + η that of ASAM (Kwon and others, ICML 2021): ε = ρ T² ∂L/∂Θ / ‖T ∂L/∂Θ‖₂.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/train/objective.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// What a perturbation is added to.
enum class Target {
  controls,  ///< currents, then projected into their range; phases
  response,  ///< the detuning, or the phase, of each element
  weights,   ///< the matrix elements (weight-space methods)
};

/// Coordinates u, one a control (a weight) or one a physical element, and one a digital parameter if those
/// are perturbed. Offset of parameter k: unit_k · u_{tie(k)}, unit_k = D_k times the relative radius of its
/// group (0 for layers that perturbations do not reach).
class PerturbationSpace {
 public:
  PerturbationSpace(const Objective<float>& objective, const std::vector<platform::LayerPlan>& plans,
                    const TrainSettings& settings);

  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] Target target() const { return target_; }
  [[nodiscard]] bool reaches(std::size_t layer) const { return reaches_[layer]; }

  /// Follows the controls where the unit depends on them (scale adaptive).
  void set_scale(std::span<const float> controls, std::span<const float> digital);
  /// u += amount · standard normal numbers.
  void add_noise(const Stream& stream, double amount, std::span<float> u);
  /// g_u = Σ_k unit_k ∂L/∂(parameter k) over what shares the coordinate.
  void pull(const PointGradient<float>& gradient, std::span<float> coordinate_gradient) const;
  /// u += amount · √n · ĝ (rms radius) or amount · ĝ (total); nothing where the gradient vanishes.
  void add_direction(std::span<const float> coordinate_gradient, double amount, std::span<float> u) const;
  /// The perturbed point: writes into the buffers and points `point` at them.
  void apply(std::span<const float> u, std::span<const float> controls, std::span<const float> digital,
             Point<float>& point);

 private:
  /// First flat index of what is perturbed in a layer.
  [[nodiscard]] Index begin_of(std::size_t layer) const {
    return target_ == Target::weights ? objective_.weight_offset(layer) : objective_.offset(layer);
  }
  struct Group {  ///< coordinates normalised together when the norm is by layer
    Index begin, end;
    double members;  ///< how many of them move
  };
  const Objective<float>& objective_;
  Target target_;
  bool adaptive_, total_;
  Index size_ = 0, ties_ = 0;
  std::vector<bool> reaches_;
  std::vector<std::uint32_t> tie_;    ///< coordinate of each control
  std::vector<float> unit_, factor_;  ///< a control; factor_ is the group's relative radius
  double digital_factor_ = 0;
  std::vector<float> digital_unit_;
  std::vector<Group> groups_;
  std::vector<float> offset_, controls_, digital_, noise_;
};

}  // namespace pnn::train
