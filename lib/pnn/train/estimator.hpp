// How each method makes the gradient of one step. All of them are one scheme: where a step starts
// (noise, a chip from the process, a draw of the system parameters), how it moves on from there, and a
// gradient at the end that is applied at Θ.
//
// Each method beside the equation of its source, in the dimensionless coordinates u of PerturbationSpace
// (u = D⁻¹·offset, n of them; ĝ = g/‖g‖₂ over all of them, g = ∂L/∂u = D ∂L/∂Θ; ρ is an rms, so that ρ√n is
// the source's radius):
//
// sam. Foret, Kleiner, Mobahi and Neyshabur (ICLR 2021) and the code that follows them
//   (davda54/sam): ε = ρ ∇L/‖∇L‖₂ over all parameters, update by ∇L at W + ε. Ours: the same on the weights
//   of the physical layers, D = 1; digital parameters do not move unless --rho-group digital=R says so, where
//   the source moves all parameters.
// sat. Θ → Θ + D u, u = ρ√n ĝ: SAM on the controls. With --scale adaptive it is ASAM (Kwon, Kim, Park and
//   Choi, ICML 2021; asam.py of SamsungLabs/ASAM): ε = ρ T² ∇L/‖T ∇L‖₂, T = diag(|w_k| + η), η = 0.01. Ours:
//   D = T, with η = 1 % of the control's range, for a control has a unit and a weight has none. D is that of
//   the point where the step began, as in the code. --ascent-steps K: K steps of ρ/K each.
// drawn-sat. Momentum-SAM (Becker, Altrock and Risse, arXiv 2401.12033, 2024), algorithm 1, and its code
//   (optimizer/msam.py, optimizer/adamW_msam.py): ∇L is evaluated at w̃_t = w_t − ρ v_t/‖v_t‖₂, v_0 = 0,
//   v_{t+1} = μ v_t + ∇L(w̃_t), the norm over all parameters together. So the point lies *down* the
//   accumulated gradient: a look-ahead, as Nesterov's. Ours:
//     u_t = σ z_t − ρ√n m̂_t,  z_t ~ N(0, 1),  m_{t+1} = β m_t + (1 − β) g_t,  g_t = ∂L/∂u at u_t,  m_0 = 0
//   (the first step does not move). m is a mean where v is a sum, v = m/(1 − β), and has the same direction;
//   in the authors' variant for Adam it is that mean, too. It is a memory of its own with β =
//   --ascent-memory, for the optimiser's has all parameters in it and ours those alone that perturbations
//   reach. The draws are those of noise and process, and no part of the source. --ascent-sign up is the other
//   sign, + ρ√n m̂.
// noise. u = σ z_t, the gradient there (Murray and Edwards, IEEE Trans. Neural Netw. 5, 792, 1994).
// process. The gradient at Θ on a chip that is drawn from the process: u = 0.
// slope. bp on L + λ·mean_k (range_k ∂W/∂I_k)² (objective.hpp).
// pat. Wright and others (Nature 601, 549, 2022; pat.py of mcmahon-lab/Physics-Aware-Training):
//   x^{l+1} = f_device(x^l, θ^l), and backwards
//   g_x^l = (∂f_model/∂x at x^l)ᵀ g_x^{l+1}, g_θ^l = (∂f_model/∂θ at x^l)ᵀ g_x^{l+1}: forward on the device,
//   the model's derivative at what the device gave. Ours is that; with --pat-output the model's own x^l
//   instead.
// dat. residual.hpp.  spsa, differences. differences.hpp.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pnn/model/model.hpp"
#include "pnn/train/perturbation.hpp"

namespace pnn::train {

/// Where a step reads and what it fills.
struct StepBuffers {
  std::span<const float> controls, digital;
  std::span<float> state;                               ///< running batch-norm statistics
  std::span<float> control_gradient, digital_gradient;  ///< of the loss to descend
};

/// Cost so far.
struct Cost {
  std::uint64_t gradients = 0, evaluations = 0;
};

/// Where in a training a step stands.
struct StepMoment {
  std::uint32_t step = 0;
  double warmth = 1;               ///< in [0, 1], multiplies the radius
  bool frozen_statistics = false;  ///< batch normalisation uses its running statistics and leaves them
};

/// A system parameter that steps move, and how far: radius in the unit of System.
struct SystemAxis {
  const platform::SystemParameter* parameter;
  double radius;
};
/// The axes of --perturb, in the order of System; "shift" is two. Throws UsageError on unknown names, and on
/// values out of the range of their parameter.
std::vector<SystemAxis> system_axes(const TrainSettings& settings);

class Differences;

class Estimator {
 public:
  /// `model` gives the process that chips are drawn from; the objective's maps must be full-physics ones
  /// then.
  Estimator(const TrainSettings& settings, Objective<float>& objective, const model::Model& model,
            std::uint64_t seed);
  ~Estimator();

  /// Gradient of one step. Returns loss and hits of the first pass; where the batch is cut into parts with
  /// draws of their own, of that of each part. The parts together cost what the batch would in one.
  network::Loss step(const Batch<float>& batch, const StepBuffers& buffers, const StepMoment& moment,
                     Cost& cost);

  /// The ascent that later steps may use again: belongs to a checkpoint.
  [[nodiscard]] std::vector<float>& ascent() { return u_; }
  [[nodiscard]] std::vector<float> ascent_system() const;
  void set_ascent_system(std::span<const float> values);
  /// Mean gradient m along which the next step moves (method drawn-sat, else empty): belongs to a checkpoint.
  [[nodiscard]] std::vector<float>& remembered() { return remembered_; }

  /// What the steps numbered first … last − 1 cost with these settings and this many trained parameters.
  static Cost cost_of_steps(const TrainSettings& settings, std::uint64_t first, std::uint64_t last,
                            std::uint64_t parameters);
  /// Gradients (evaluations counted as thirds) of an average step.
  static double cost_of_step(const TrainSettings& settings);

 private:
  enum class SystemMode { none, gradient, differences, worst, random };
  /// The step on part number `part` of the batch.
  network::Loss step_of_part(const Batch<float>& batch, const StepBuffers& buffers, const StepMoment& moment,
                             std::uint32_t part, Cost& cost);
  /// Takes the gradient that a step ended with into the mean along which the next ones move.
  void remember(std::span<float> controls, std::span<float> response, std::span<float> digital);
  void draw_chips(std::uint32_t step, std::uint32_t part);
  /// The loss with this system, everything else as perturbed so far.
  double loss_with(const platform::System& system, const Batch<float>& batch, const StepBuffers& buffers,
                   Cost& cost);
  void choose_worst_system(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step,
                           std::uint32_t part, Cost& cost);
  void ascend_by_differences(const Batch<float>& batch, const StepBuffers& buffers, double warmth,
                             Cost& cost);
  void ascend_by_gradient(std::span<const platform::System> gradient, double warmth);
  void draw_system(std::uint16_t stream, std::uint32_t step, std::uint32_t number, platform::System& system);
  Point<float> point_at(const StepBuffers& buffers, bool perturbed);
  network::Statistics statistics_of(bool first, bool last, bool perturbed) const;

  const TrainSettings& settings_;
  Objective<float>& objective_;
  const model::Model& model_;
  std::uint64_t seed_;
  PerturbationSpace space_;
  std::unique_ptr<Differences> differences_;  ///< of the methods without a model
  SystemMode system_mode_ = SystemMode::none;
  std::vector<SystemAxis> axes_;
  platform::System system_;  ///< of this step; floats, so that a checkpoint holds them exactly
  bool ascends_, clean_statistics_, frozen_statistics_ = false;
  double start_amount_;
  std::vector<float> u_, coordinate_gradient_, remembered_;
  std::vector<float> control_gradient_, response_gradient_, weight_gradient_, digital_gradient_;
  std::vector<float> part_controls_, part_response_, part_digital_;  ///< gradients of one part
  std::vector<platform::System> systems_;                            ///< a layer
};

}  // namespace pnn::train
