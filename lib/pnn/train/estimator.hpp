// The gradient of one training step, for every method. All methods follow one scheme: the step is moved away
// from the controls Θ (by noise, a chip sampled from the process variation, a sample of the system
// parameters), perhaps moved on by an ascent, and the gradient there is applied at Θ.
//
// Each method with the equation of its source, in the dimensionless coordinates u of PerturbationSpace
// (u = D⁻¹·offset, n of them; ĝ = g/‖g‖₂ over all of them, g = ∂L/∂u = D ∂L/∂Θ; ρ is a root mean square, so
// that ρ√n is the radius of the source):
//
// sam. Foret, Kleiner, Mobahi and Neyshabur (ICLR 2021) and the code that follows them
//   (davda54/sam): ε = ρ ∇L/‖∇L‖₂ over all parameters, update by ∇L at W + ε. Here: the same on the weights
//   of the physical layers, D = 1. Digital parameters are perturbed only with --rho-group digital=R, while
//   the source perturbs all parameters.
// sat. Θ → Θ + D u, u = ρ√n ĝ: SAM on the controls. With --scale adaptive it is ASAM (Kwon, Kim, Park and
//   Choi, ICML 2021; asam.py of SamsungLabs/ASAM): ε = ρ T² ∇L/‖T ∇L‖₂, T = diag(|w_k| + η), η = 0.01. Here:
//   D = T, with η = 1 % of the control's range, since a control has a unit and a weight has none. D belongs
//   to the point where the step began, as in the code. --ascent-steps K: K steps of ρ/K each.
// drawn-sat. Momentum-SAM (Becker, Altrock and Risse, arXiv 2401.12033, 2024), algorithm 1, and its code
//   (optimizer/msam.py, optimizer/adamW_msam.py): ∇L is evaluated at w̃_t = w_t − ρ v_t/‖v_t‖₂, v_0 = 0,
//   v_{t+1} = μ v_t + ∇L(w̃_t), the norm over all parameters together. So the point lies *down* the
//   accumulated gradient: a look-ahead as in Nesterov's method. Here:
//     u_t = σ z_t − ρ√n m̂_t,  z_t ~ N(0, 1),  m_{t+1} = β m_t + (1 − β) g_t,  g_t = ∂L/∂u at u_t,  m_0 = 0
//   (the first step does not move). m is a mean and v a sum, v = m/(1 − β), of the same direction; the
//   authors' variant for Adam uses the mean, too. m is kept apart from the optimiser's moments, with β =
//   --ascent-memory, since it contains only the parameters that perturbations reach. Noise and sampled chips
//   are not part of the source. --ascent-sign up uses the opposite sign, + ρ√n m̂.
// noise. u = σ z_t, the gradient there (Murray and Edwards, IEEE Trans. Neural Netw. 5, 792, 1994).
// process. The gradient at Θ on a chip sampled from the process variation: u = 0.
// slope. bp on L + λ·mean_k (range_k ∂W/∂I_k)² (objective.hpp).
// pat. Wright and others (Nature 601, 549, 2022; pat.py of mcmahon-lab/Physics-Aware-Training):
//   x^{l+1} = f_device(x^l, θ^l), and backwards
//   g_x^l = (∂f_model/∂x at x^l)ᵀ g_x^{l+1}, g_θ^l = (∂f_model/∂θ at x^l)ᵀ g_x^{l+1}: forward on the device,
//   the model's derivative at the activations of the device. Here: the same; with --pat-output at the model's
//   own x^l instead.
// dat. residual.hpp.  spsa, differences. differences.hpp.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "pnn/core/ranks.hpp"
#include "pnn/model/model.hpp"
#include "pnn/train/part_sum.hpp"
#include "pnn/train/perturbation.hpp"

namespace pnn::train {

/// The memory that a step reads and writes.
struct StepBuffers {
  std::span<const float> controls, digital;
  std::span<float> state;                               ///< running batch-norm statistics
  std::span<float> control_gradient, digital_gradient;  ///< output: gradients of the loss
};

/// Numbers of gradient evaluations and of loss evaluations so far.
struct Cost {
  std::uint64_t gradients = 0, evaluations = 0;
};

/// The position of a step in the training.
struct StepMoment {
  std::uint32_t step = 0;
  double warmth = 1;  ///< factor on the radius in [0, 1], which rises during --rho-warmup
  bool frozen_statistics =
      false;  ///< batch normalisation uses its running statistics and does not update them
};

/// A system parameter that training perturbs, and the half-width of its range in the unit of System.
struct SystemAxis {
  const platform::SystemParameter* parameter;
  double radius;
  /// The other end of its box.
  [[nodiscard]] double lowest() const { return parameter->one_sided() ? 0 : -radius; }
};
/// The parameters of --perturb in the order of System; "shift" gives two. Throws UsageError for an unknown
/// name or a value outside the parameter's range.
std::vector<SystemAxis> system_axes(const TrainSettings& settings);

class Differences;

/// Computes the gradient of each step of a training.
class Estimator {
 public:
  /// All references must outlive the estimator. If the settings sample chips, they come from the process of
  /// `model`, and the maps of `objective` must be those of the full physics.
  /// `ranks` share the parts of a batch (--draws), and take the same steps.
  Estimator(const TrainSettings& settings, Objective<float>& objective, const model::Model& model,
            std::uint64_t seed, Ranks& ranks = alone());
  ~Estimator();

  /// Computes the gradient of one step into `buffers` and adds to `cost`. Returns loss and number of correct
  /// samples of the first pass; with --draws the sums over the first passes of all parts, which together cost
  /// as much as one batch.
  network::Loss step(const Batch<float>& batch, const StepBuffers& buffers, const StepMoment& moment,
                     Cost& cost);

  /// Estimates the running batch-norm statistics of other parameters than those of the steps: the mean over
  /// the calls for `round` 0, 1, … of the statistics of each batch, on a chip, with system parameters and
  /// with noise drawn as those of step number `step` are, but without an ascent. Neither gradients nor what
  /// later steps read are touched. `buffers`: controls, digital parameters and the statistics; its gradients
  /// are not read.
  void measure_statistics(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step,
                          std::uint32_t round, Cost& cost);

  /// The last ascent, which later steps may reuse (--reuse-ascent). Part of a checkpoint.
  [[nodiscard]] std::vector<float>& ascent() { return u_; }
  /// The system parameters that the layers follow, in the order of platform::system_parameters().
  [[nodiscard]] const std::vector<const platform::SystemParameter*>& followed() const { return followed_; }
  /// Their values in that ascent, likewise part of a checkpoint.
  [[nodiscard]] std::vector<float> ascent_system() const;
  void set_ascent_system(std::span<const float> values);
  /// The mean gradient m along which the next step moves (method drawn-sat, otherwise empty). Part of a
  /// checkpoint.
  [[nodiscard]] std::vector<float>& remembered() { return remembered_; }

  /// The cost of the steps first … last − 1 with these settings and this number of trained parameters.
  static Cost cost_of_steps(const TrainSettings& settings, std::uint64_t first, std::uint64_t last,
                            std::uint64_t parameters);
  /// The mean cost of a step in gradients; a loss evaluation counts a third.
  static double cost_of_step(const TrainSettings& settings);

 private:
  /// The step on a batch that is cut, each rank taking every so many parts (estimator_parts.cpp).
  network::Loss step_in_parts(const Batch<float>& batch, const StepBuffers& buffers, const StepMoment& moment,
                              Index parts, Cost& cost);
  /// The step on part number `part` of the batch (--draws).
  network::Loss step_of_part(const Batch<float>& batch, const StepBuffers& buffers, const StepMoment& moment,
                             std::uint32_t part, Cost& cost);
  /// Adds the final gradient of a step to the mean gradient m.
  void remember(std::span<float> controls, std::span<float> response, std::span<float> digital);
  void draw_chips(std::uint32_t step, std::uint32_t part);
  /// Chooses what dropout leaves out in all passes of a step, from this sample of the batch on.
  void draw_drop(std::uint32_t step, Index first);
  /// The loss with these system parameters and all other perturbations so far.
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
  Ranks& ranks_;
  PerturbationSpace space_;
  std::unique_ptr<Differences> differences_;   ///< for methods without a model, otherwise null
  std::optional<SystemChoice> system_choice_;  ///< nothing if no system parameter moves
  std::vector<SystemAxis> axes_;
  std::vector<const platform::SystemParameter*> followed_;
  platform::System system_;  ///< of this step; floats, so that a checkpoint stores them exactly
  bool ascends_, clean_statistics_, frozen_statistics_ = false;
  double start_amount_;
  std::vector<float> u_, coordinate_gradient_, remembered_;
  std::vector<float> control_gradient_, response_gradient_, weight_gradient_, digital_gradient_;
  std::optional<PartSum> sum_;  ///< of parts: gradients by controls, digital parameters, remembered response
  std::vector<platform::System> systems_;  ///< [layer]
};

}  // namespace pnn::train
