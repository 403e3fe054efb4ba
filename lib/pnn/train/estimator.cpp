#include "pnn/train/estimator.hpp"

#include <algorithm>

#include "pnn/platform/truth.hpp"
#include "pnn/train/differences.hpp"

namespace pnn::train {
namespace {

bool method_ascends(const TrainSettings& s) {
  return s.method == "sat" || s.method == "sam";
}

std::string system_mode(const TrainSettings& s) {
  if (s.perturb.empty()) return "none";
  if (s.system != "auto") return s.system;
  return s.method == "sat" ? "gradient" : "random";
}

/// A forward pass that only serves to take unperturbed statistics.
bool needs_clean_pass(const TrainSettings& s) {
  if (s.perturbed_statistics != "clean") return false;
  const bool first_is_clean =
      method_ascends(s) && s.random_start == 0 && system_mode(s) != "random" && system_mode(s) != "worst";
  const bool perturbs = method_ascends(s) || s.method == "noise" || system_mode(s) != "none";
  return perturbs && (!first_is_clean || s.reuse_ascent > 1);
}

int worst_candidates(const TrainSettings& s) {
  return system_mode(s) == "worst" ? 1 + s.candidates + (s.candidate_ends ? 2 : 0) : 0;
}

}  // namespace

Estimator::Estimator(const TrainSettings& settings, Objective<float>& objective, const model::Model& model,
                     std::uint64_t seed)
    : settings_(settings),
      objective_(objective),
      model_(model),
      seed_(seed),
      space_(objective, model.plans, settings),
      ascends_(method_ascends(settings)),
      clean_statistics_(settings.perturbed_statistics == "clean"),
      start_amount_(settings.method == "noise" ? settings.sigma : settings.random_start) {
  const auto radii = parse_radii(settings.perturb, {"temperature"}, "--perturb");
  if (const auto it = radii.find("temperature"); it != radii.end()) temperature_radius_ = it->second;
  const std::string mode = system_mode(settings);
  system_ = mode == "gradient" ? System::gradient
            : mode == "worst"  ? System::worst
            : mode == "random" ? System::random
                               : System::none;
  u_.resize(std::size_t(space_.size()));
  coordinate_gradient_.resize(u_.size());
  control_gradient_.resize(std::size_t(objective.control_count()));
  if (space_.target() == Target::response) response_gradient_.resize(control_gradient_.size());
  if (space_.target() == Target::weights) weight_gradient_.resize(std::size_t(objective.weight_count()));
  digital_gradient_.resize(std::size_t(objective.digital_count()));
  temperatures_.resize(objective.layers());
  if (settings.method == "slope") objective.set_slope_penalty(settings.lambda);
  if (settings.model_free()) differences_ = std::make_unique<Differences>(objective, settings.probe);
}

Cost Estimator::cost_of_steps(const TrainSettings& s, std::uint64_t first, std::uint64_t last,
                              std::uint64_t parameters) {
  if (s.method == "spsa") return {0, 2 * (last - first)};
  if (s.method == "differences") return {0, (1 + 2 * parameters) * (last - first)};
  const std::uint64_t steps = last - first, reuse = method_ascends(s) ? std::uint64_t(s.reuse_ascent) : 1;
  // steps whose number is a multiple of `reuse` ascend anew
  const std::uint64_t fresh = (last + reuse - 1) / reuse - (first + reuse - 1) / reuse;
  const std::uint64_t ascent_steps = method_ascends(s) ? std::uint64_t(s.ascent_steps) : 0;
  return {steps + fresh * ascent_steps,
          (needs_clean_pass(s) ? steps : 0) + fresh * std::uint64_t(worst_candidates(s))};
}

Estimator::~Estimator() = default;

double Estimator::cost_of_step(const TrainSettings& s) {
  const Cost cycle = cost_of_steps(s, 0, std::uint64_t(s.reuse_ascent), 0);
  return (double(cycle.gradients) + double(cycle.evaluations) / 3) / double(s.reuse_ascent);
}

void Estimator::draw_chips(std::uint32_t step) {
  const std::vector<std::uint16_t> numbers = platform::chip_numbers(model_.plans);
  std::vector<platform::Truth> drawn;  // by chip number: layers that share a chip get the same draw
  for (std::size_t layer = 0; layer < objective_.layers(); ++layer) {
    const platform::LayerPlan& plan = model_.plans[layer];
    if (numbers[layer] == drawn.size()) {
      drawn.push_back(platform::draw_truth(plan, model_.process, seed_, int(Purpose::process_draw),
                                           numbers[layer], 0, step));
    }
    platform::exchange_truth(objective_.map(layer), plan, drawn[numbers[layer]]);
  }
}

Point<float> Estimator::point_at(const StepBuffers& buffers, bool perturbed) {
  Point<float> point;
  point.controls = buffers.controls;
  point.digital = buffers.digital;
  if (!perturbed) return point;
  space_.apply(u_, buffers.controls, buffers.digital, point);
  if (system_ == System::none) return point;
  for (std::size_t layer = 0; layer < temperatures_.size(); ++layer)
    temperatures_[layer] = space_.reaches(layer) ? double(temperature_) : 0;
  point.temperature = temperatures_;
  return point;
}

network::Statistics Estimator::statistics_of(bool first, bool last, bool perturbed) const {
  if (clean_statistics_ && perturbed) return network::Statistics::kept;
  const bool update =
      settings_.ascent_statistics == "both" || (settings_.ascent_statistics == "first" ? first : last);
  return update ? network::Statistics::batch_and_update : network::Statistics::batch;
}

void Estimator::choose_worst_temperature(const Batch<float>& batch, const StepBuffers& buffers,
                                         std::uint32_t step, Cost& cost) {
  std::vector<double> candidates{0};
  for (int k = 0; k < settings_.candidates; ++k) {
    candidates.push_back(temperature_radius_ *
                         (2 * uniform({seed_, Purpose::system_draw, 1, 0, step}, std::uint32_t(k)) - 1));
  }
  if (settings_.candidate_ends)
    candidates.insert(candidates.end(), {-temperature_radius_, temperature_radius_});
  double worst = -1, chosen = 0;
  for (const double candidate : candidates) {
    temperature_ = float(candidate);
    const double loss =
        objective_
            .loss(batch, point_at(buffers, true),
                  clean_statistics_ ? network::Statistics::kept : network::Statistics::batch, buffers.state)
            .mean;
    ++cost.evaluations;
    if (loss > worst) {
      worst = loss;
      chosen = candidate;
    }
  }
  temperature_ = float(chosen);
}

network::Loss Estimator::step(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step,
                              double warmth, Cost& cost) {
  if (settings_.method == "spsa")
    return differences_->simultaneous(batch, buffers, {seed_, Purpose::probe_direction, 0, 0, step}, cost);
  if (settings_.method == "differences") return differences_->coordinates(batch, buffers, cost);
  if (settings_.draws_chips()) draw_chips(step);
  space_.set_scale(buffers.controls, buffers.digital);
  network::Loss reported;
  bool first = true;
  if (needs_clean_pass(settings_)) {
    reported =
        objective_.loss(batch, point_at(buffers, false),
                        statistics_of(true, settings_.ascent_statistics == "last", false), buffers.state);
    ++cost.evaluations;
    first = false;
  }
  const bool fresh = !ascends_ || step % std::uint32_t(settings_.reuse_ascent) == 0;
  const bool random_temperature = system_ == System::random;
  PointGradient<float> gradient{
      control_gradient_, response_gradient_, weight_gradient_, digital_gradient_, {}};
  if (fresh) {
    std::fill(u_.begin(), u_.end(), 0.0F);
    temperature_ = 0;
    if (start_amount_ > 0) {
      space_.add_noise({seed_, ascends_ ? Purpose::ascent_start : Purpose::control_noise, 0, 0, step},
                       start_amount_ * (ascends_ ? warmth : 1), u_);
    }
    if (random_temperature)
      temperature_ =
          float(temperature_radius_ * (2 * uniform({seed_, Purpose::system_draw, 0, 0, step}, 0) - 1));
    if (system_ == System::worst) choose_worst_temperature(batch, buffers, step, cost);
    const bool starts_perturbed = start_amount_ > 0 || temperature_ != 0;
    for (int k = 0; ascends_ && k < settings_.ascent_steps; ++k) {
      const bool perturbed = starts_perturbed || k > 0;
      const network::Loss loss =
          objective_.gradient(batch, point_at(buffers, perturbed), statistics_of(first, false, perturbed),
                              buffers.state, gradient);
      ++cost.gradients;
      if (first) reported = loss;
      first = false;
      space_.pull(gradient, coordinate_gradient_);
      space_.add_direction(coordinate_gradient_, settings_.rho * warmth / settings_.ascent_steps, u_);
      if (system_ == System::gradient) {
        double slope = 0;
        for (std::size_t layer = 0; layer < temperatures_.size(); ++layer)
          slope += space_.reaches(layer) ? gradient.temperature[layer] : 0;
        temperature_ = slope > 0   ? temperature_radius_ * warmth
                       : slope < 0 ? -temperature_radius_ * warmth
                                   : 0;
      }
    }
  }
  const bool perturbed = ascends_ || start_amount_ > 0 || system_ != System::none;
  PointGradient<float> final_gradient{buffers.control_gradient, {}, {}, buffers.digital_gradient, {}};
  const network::Loss loss =
      objective_.gradient(batch, point_at(buffers, perturbed), statistics_of(first, true, perturbed),
                          buffers.state, final_gradient);
  ++cost.gradients;
  return first ? loss : reported;
}

}  // namespace pnn::train
