// How each method makes the gradient of one step. All of them are one scheme: where a step starts
// (noise, a chip from the process, a draw of the system parameters), how it ascends from there, and a
// gradient at the end that is applied at Θ.
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

class Differences;

class Estimator {
 public:
  /// `model` gives the process that chips are drawn from; the objective's maps must be full-physics ones
  /// then.
  Estimator(const TrainSettings& settings, Objective<float>& objective, const model::Model& model,
            std::uint64_t seed);
  ~Estimator();

  /// Gradient of step number `step`; `warmth` in [0, 1] multiplies the radius. Returns loss and hits of the
  /// first pass.
  network::Loss step(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step, double warmth,
                     Cost& cost);

  /// The ascent that later steps may use again: belongs to a checkpoint.
  [[nodiscard]] std::vector<float>& ascent() { return u_; }
  [[nodiscard]] float& ascent_temperature() { return temperature_; }

  /// What the steps numbered first … last − 1 cost with these settings and this many trained parameters.
  static Cost cost_of_steps(const TrainSettings& settings, std::uint64_t first, std::uint64_t last,
                            std::uint64_t parameters);
  /// Gradients (evaluations counted as thirds) of an average step.
  static double cost_of_step(const TrainSettings& settings);

 private:
  enum class System { none, gradient, worst, random };
  void draw_chips(std::uint32_t step);
  void choose_worst_temperature(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step,
                                Cost& cost);
  Point<float> point_at(const StepBuffers& buffers, bool perturbed);
  network::Statistics statistics_of(bool first, bool last, bool perturbed) const;

  const TrainSettings& settings_;
  Objective<float>& objective_;
  const model::Model& model_;
  std::uint64_t seed_;
  PerturbationSpace space_;
  std::unique_ptr<Differences> differences_;  ///< of the methods without a model
  System system_ = System::none;
  double temperature_radius_ = 0;
  float temperature_ = 0;  ///< offset of this step, K; float so that a checkpoint holds it exactly
  bool ascends_, clean_statistics_;
  double start_amount_;
  std::vector<float> u_, coordinate_gradient_;
  std::vector<float> control_gradient_, response_gradient_, weight_gradient_, digital_gradient_;
  std::vector<double> temperatures_;
};

}  // namespace pnn::train
