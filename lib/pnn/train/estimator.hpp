// How each method makes the gradient of one step. All of them are one scheme: where a step starts
// (noise, a chip from the process, a draw of the system parameters), how it ascends from there, and a
// gradient at the end that is applied at Θ. Method drawn-sat ascends along what it remembers of the gradients
// of the steps before, which costs none:
//   ε_t = σ·z_t + ρ√n·m̂_t,  z_t ~ N(0, 1),  m_t = β m_{t−1} + (1 − β) g_{t−1},  g_t = ∂L/∂u at u = ε_t,
// in the dimensionless coordinates u of PerturbationSpace (m_0 = 0: the first step does not ascend).
// The memory is that of momentum-SAM (Becker, Altrock and Risse, 2024), the draws those of noise and process.
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
  /// Mean gradient that the next step ascends (method drawn-sat, else empty): belongs to a checkpoint.
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
  /// Takes the gradient that a step ended with into the mean of which the next ones ascend.
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
