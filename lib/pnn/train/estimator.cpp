#include "pnn/train/estimator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/truth.hpp"
#include "pnn/train/differences.hpp"

namespace pnn::train {
namespace {

/// A forward pass that only serves to take unperturbed statistics.
bool needs_clean_pass(const TrainSettings& s) {
  if (s.statistics.perturbed != PerturbedStatistics::clean) return false;
  const MethodTraits& method = s.traits();
  const std::optional<SystemChoice> system = s.system_choice();
  const bool first_is_clean = method.ascends && s.perturbation.ascent.random_start == 0 &&
                              (!system || system == SystemChoice::gradient);
  const bool perturbs = method.ascends || method.adds_noise || system;
  return perturbs && (!first_is_clean || s.perturbation.ascent.reuse > 1);
}

/// Forward passes that choose the system parameters of a step.
int system_evaluations(const TrainSettings& s) {
  const std::optional<SystemChoice> choice = s.system_choice();
  if (choice != SystemChoice::worst && choice != SystemChoice::differences) return 0;
  const int ends = 2 * int(system_axes(s).size());
  if (choice == SystemChoice::differences) return ends;
  return 1 + s.system.candidates + (s.system.candidate_ends ? ends : 0);
}

double held(double value) {
  return double(float(value));
}

/// Throws UsageError where no layer has the parameter, or one cannot follow it to the end of its box.
void check_reach(const SystemAxis& axis, const std::vector<platform::AnyPlan>& plans) {
  platform::check_system_parameter(*axis.parameter, plans, "--perturb");
  platform::System end;
  axis.parameter->at(end) = axis.radius;
  for (const platform::LayerPlan& plan : plans) {
    const std::vector<std::string> wrong = plan.complaints_about(end);
    if (!wrong.empty()) throw UsageError("--perturb: " + join(wrong, "; "));
  }
}

/// The end of an axis on the side to which the loss rises.
double end_of(const SystemAxis& axis, double rise, double warmth) {
  if (rise == 0) return 0;
  return held((rise > 0 ? axis.radius : axis.lowest()) * warmth);
}

}  // namespace

std::vector<SystemAxis> system_axes(const TrainSettings& settings) {
  const auto radii = parse_radii(settings.system.perturb, platform::system_parameter_names(), "--perturb");
  std::map<const platform::SystemParameter*, double> by_parameter;
  for (const auto& [name, farthest] : radii) {  // "shift" comes before "shift-x", which then counts
    for (const platform::SystemParameter* p : platform::find_system_parameters(name)) {
      const std::string wrong = platform::complaint_about(*p, farthest);
      if (!wrong.empty()) throw UsageError("--perturb: " + wrong);
      const double radius = std::abs(p->to_system(farthest));
      if (radius == 0 && by_parameter.count(p) == 0)  // "shift-x=0" beside "shift=2" leaves an axis out
        throw UsageError("--perturb " + name + "=" + format_number(farthest) +
                         ": acts on nothing; that is its nominal value");
      by_parameter[p] = radius;
    }
  }
  std::vector<SystemAxis> axes;
  for (const platform::SystemParameter& p : platform::system_parameters()) {
    if (const auto it = by_parameter.find(&p); it != by_parameter.end()) axes.push_back({&p, it->second});
  }
  return axes;
}

Estimator::Estimator(const TrainSettings& settings, Objective<float>& objective, const model::Model& model,
                     std::uint64_t seed, Ranks& ranks)
    : settings_(settings),
      objective_(objective),
      model_(model),
      seed_(seed),
      ranks_(ranks),
      space_(objective, model.plans, settings),
      system_choice_(settings.system_choice()),
      ascends_(settings.traits().ascends),
      clean_statistics_(settings.statistics.perturbed == PerturbedStatistics::clean),
      start_amount_(settings.traits().adds_noise ? settings.perturbation.sigma
                                                 : settings.perturbation.ascent.random_start) {
  for (const platform::SystemParameter& parameter : platform::system_parameters()) {
    const auto follows = [&](const platform::LayerPlan& plan) { return platform::acts_on(parameter, plan); };
    if (std::any_of(model.plans.begin(), model.plans.end(), follows)) followed_.push_back(&parameter);
  }
  axes_ = system_axes(settings);
  for (const SystemAxis& axis : axes_) check_reach(axis, model.plans);
  u_.resize(std::size_t(space_.size()));
  coordinate_gradient_.resize(u_.size());
  control_gradient_.resize(std::size_t(objective.control_count()));
  if (space_.target() == Target::response) response_gradient_.resize(control_gradient_.size());
  if (space_.target() == Target::weights) weight_gradient_.resize(std::size_t(objective.weight_count()));
  digital_gradient_.resize(std::size_t(objective.digital_count()));
  if (settings.traits().remembers) remembered_.resize(u_.size());
  if (settings.perturbation.draws > 1)
    sum_.emplace(ranks, control_gradient_.size() + digital_gradient_.size() +
                            (remembered_.empty() ? 0 : response_gradient_.size()));
  systems_.resize(objective.layers());
  if (settings.traits().penalises_slope) objective.set_slope_penalty(settings.perturbation.lambda);
  if (settings.model_free()) differences_ = std::make_unique<Differences>(objective, settings.in_situ.probe);
}

Cost Estimator::cost_of_steps(const TrainSettings& s, std::uint64_t first, std::uint64_t last,
                              std::uint64_t parameters) {
  const MethodTraits& method = s.traits();
  const AscentSettings& ascent = s.perturbation.ascent;
  const std::uint64_t steps = last - first, reuse = method.ascends ? std::uint64_t(ascent.reuse) : 1;
  // a new ascent in every step whose number is a multiple of `reuse`
  const std::uint64_t fresh = (last + reuse - 1) / reuse - (first + reuse - 1) / reuse;
  const std::uint64_t ascent_steps = method.ascends ? std::uint64_t(ascent.steps) : 0;
  const std::uint64_t losses =
      std::uint64_t(method.losses) + std::uint64_t(method.losses_a_parameter) * parameters;
  if (!method.needs_model()) return {0, losses * steps};
  return {std::uint64_t(method.gradients) * steps + fresh * ascent_steps,
          (losses + (needs_clean_pass(s) ? 1 : 0)) * steps + fresh * std::uint64_t(system_evaluations(s))};
}

Estimator::~Estimator() = default;

double Estimator::cost_of_step(const TrainSettings& s) {
  const int steps = s.perturbation.ascent.reuse;
  const Cost cycle = cost_of_steps(s, 0, std::uint64_t(steps), 0);
  return (double(cycle.gradients) + double(cycle.evaluations) / 3) / double(steps);
}

void Estimator::draw_chips(std::uint32_t step, std::uint32_t part) {
  // layers that share a chip have one address, and so the same draw
  const std::vector<std::uint16_t> numbers = platform::chip_numbers(model_.plans);
  for (std::size_t layer = 0; layer < objective_.layers(); ++layer)
    model_.plans[layer]->redraw(objective_.map(layer), model_.process,
                                {seed_, int(Purpose::process_draw), numbers[layer], part, step});
}

Point<float> Estimator::point_at(const StepBuffers& buffers, bool perturbed) {
  Point<float> point;
  point.controls = buffers.controls;
  point.digital = buffers.digital;
  if (!perturbed) return point;
  space_.apply(u_, buffers.controls, buffers.digital, point);
  if (!system_choice_) return point;
  for (std::size_t layer = 0; layer < systems_.size(); ++layer)
    systems_[layer] = space_.reaches(layer) ? system_ : platform::System{};
  point.system = systems_;
  return point;
}

network::Statistics Estimator::statistics_of(bool first, bool last, bool perturbed) const {
  if (frozen_statistics_) return network::Statistics::running;
  if (clean_statistics_ && perturbed) return network::Statistics::kept;
  const StatisticsPass passes = settings_.statistics.ascent;
  const bool update = passes == StatisticsPass::both || (passes == StatisticsPass::first ? first : last);
  return update ? network::Statistics::batch_and_update : network::Statistics::batch;
}

std::vector<float> Estimator::ascent_system() const {
  std::vector<float> values;
  for (const platform::SystemParameter* p : followed_) values.push_back(float(p->at(system_)));
  return values;
}

void Estimator::set_ascent_system(std::span<const float> values) {
  for (std::size_t k = 0; k < values.size(); ++k) followed_[k]->at(system_) = double(values[k]);
}

void Estimator::draw_system(std::uint16_t stream, std::uint32_t step, std::uint32_t number,
                            platform::System& system) {
  for (std::size_t k = 0; k < axes_.size(); ++k) {
    const auto index = number * std::uint32_t(axes_.size()) + std::uint32_t(k);
    const double drawn = uniform({seed_, Purpose::system_draw, stream, 0, step}, index);
    const double part = axes_[k].parameter->one_sided() ? drawn : 2 * drawn - 1;
    axes_[k].parameter->at(system) = held(axes_[k].radius * part);
  }
}

double Estimator::loss_with(const platform::System& system, const Batch<float>& batch,
                            const StepBuffers& buffers, Cost& cost) {
  system_ = system;
  ++cost.evaluations;
  const auto statistics = frozen_statistics_  ? network::Statistics::running
                          : clean_statistics_ ? network::Statistics::kept
                                              : network::Statistics::batch;
  return objective_.loss(batch, point_at(buffers, true), statistics, buffers.state).mean;
}

void Estimator::choose_worst_system(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step,
                                    std::uint32_t part, Cost& cost) {
  std::vector<platform::System> candidates(std::size_t(1 + settings_.system.candidates));
  for (int k = 0; k < settings_.system.candidates; ++k)
    draw_system(1, step, part * std::uint32_t(settings_.system.candidates) + std::uint32_t(k),
                candidates[std::size_t(k) + 1]);
  if (settings_.system.candidate_ends) {
    for (const SystemAxis& axis : axes_) {
      for (const double end : {axis.lowest(), axis.radius})
        axis.parameter->at(candidates.emplace_back()) = held(end);
    }
  }
  double worst = -std::numeric_limits<double>::infinity();  // an energy distance may be negative
  platform::System chosen;
  for (const platform::System& candidate : candidates) {
    const double loss = loss_with(candidate, batch, buffers, cost);
    if (loss > worst) {
      worst = loss;
      chosen = candidate;
    }
  }
  system_ = chosen;
}

void Estimator::ascend_by_differences(const Batch<float>& batch, const StepBuffers& buffers, double warmth,
                                      Cost& cost) {
  platform::System chosen;
  for (const SystemAxis& axis : axes_) {
    platform::System up, down;
    axis.parameter->at(up) = settings_.system.step * axis.radius;
    axis.parameter->at(down) = settings_.system.step * axis.lowest();
    const double rise = loss_with(up, batch, buffers, cost) - loss_with(down, batch, buffers, cost);
    axis.parameter->at(chosen) = end_of(axis, rise, warmth);
  }
  system_ = chosen;
}

void Estimator::ascend_by_gradient(std::span<const platform::System> gradient, double warmth) {
  for (const SystemAxis& axis : axes_) {
    double slope = 0;
    for (std::size_t layer = 0; layer < gradient.size(); ++layer)
      slope += space_.reaches(layer) ? axis.parameter->at(gradient[layer]) : 0;
    axis.parameter->at(system_) = end_of(axis, slope, warmth);
  }
}

void Estimator::draw_drop(std::uint32_t step, Index first) {
  objective_.set_drop({seed_, Purpose::dropout, 0, std::uint32_t(first), step});
}

network::Loss Estimator::step(const Batch<float>& batch, const StepBuffers& buffers, const StepMoment& moment,
                              Cost& cost) {
  draw_drop(moment.step, 0);
  if (settings_.model_free()) {
    if (settings_.traits().losses_a_parameter > 0) return differences_->coordinates(batch, buffers, cost);
    return differences_->simultaneous(batch, buffers, {seed_, Purpose::probe_direction, 0, 0, moment.step},
                                      cost);
  }
  space_.set_scale(buffers.controls, buffers.digital);
  frozen_statistics_ = moment.frozen_statistics;
  const Index samples = batch.x.rows(), parts = std::min(Index(settings_.perturbation.draws), samples);
  if (parts > 1) return step_in_parts(batch, buffers, moment, parts, cost);
  const network::Loss loss = step_of_part(batch, buffers, moment, 0, cost);
  remember(buffers.control_gradient, response_gradient_, buffers.digital_gradient);
  return loss;
}

void Estimator::remember(std::span<float> controls, std::span<float> response, std::span<float> digital) {
  if (remembered_.empty()) return;
  space_.pull({controls, response, {}, digital, {}, false}, coordinate_gradient_);
  const auto memory = float(settings_.perturbation.ascent.memory);
#pragma omp simd
  for (std::size_t k = 0; k < remembered_.size(); ++k)
    remembered_[k] = memory * remembered_[k] + (1 - memory) * coordinate_gradient_[k];
}

void Estimator::measure_statistics(const Batch<float>& batch, const StepBuffers& buffers, std::uint32_t step,
                                   std::uint32_t round, Cost& cost) {
  const std::vector<float> ascent = u_;
  const platform::System chosen = system_;
  draw_drop(step, 0);
  if (settings_.draws_chips()) draw_chips(step, 0);
  std::fill(u_.begin(), u_.end(), 0.0F);
  system_ = {};
  if (settings_.traits().adds_noise && start_amount_ > 0)
    space_.add_noise({seed_, Purpose::control_noise, 0, 0, step}, start_amount_, u_);
  draw_system(0, step, 0, system_);
  const std::vector<float> before(buffers.state.begin(), buffers.state.end());
  objective_.loss(batch, point_at(buffers, !clean_statistics_), network::Statistics::batch_and_replace,
                  buffers.state);
  ++cost.evaluations;
  for (std::size_t k = 0; k < before.size(); ++k)
    buffers.state[k] = before[k] + (buffers.state[k] - before[k]) / float(round + 1);
  u_ = ascent;
  system_ = chosen;
}

network::Loss Estimator::step_of_part(const Batch<float>& batch, const StepBuffers& buffers,
                                      const StepMoment& moment, std::uint32_t part, Cost& cost) {
  const std::uint32_t step = moment.step;
  const double warmth = moment.warmth;
  if (settings_.draws_chips()) draw_chips(step, part);
  network::Loss reported;
  bool first = true;
  if (needs_clean_pass(settings_)) {
    reported = objective_.loss(
        batch, point_at(buffers, false),
        statistics_of(true, settings_.statistics.ascent == StatisticsPass::last, false), buffers.state);
    ++cost.evaluations;
    first = false;
  }
  const bool fresh = !ascends_ || step % std::uint32_t(settings_.perturbation.ascent.reuse) == 0;
  PointGradient<float> gradient{control_gradient_,
                                response_gradient_,
                                weight_gradient_,
                                digital_gradient_,
                                {},
                                system_choice_ == SystemChoice::gradient};
  const bool perturbed = ascends_ || !remembered_.empty() || start_amount_ > 0 || system_choice_;
  if (fresh && perturbed) {
    std::fill(u_.begin(), u_.end(), 0.0F);
    system_ = {};
    if (start_amount_ > 0) {
      space_.add_noise({seed_, ascends_ ? Purpose::ascent_start : Purpose::control_noise, 0, part, step},
                       start_amount_ * (ascends_ ? warmth : 1), u_);
    }
    if (system_choice_ == SystemChoice::random) draw_system(0, step, part, system_);
    if (system_choice_ == SystemChoice::worst) choose_worst_system(batch, buffers, step, part, cost);
    if (system_choice_ == SystemChoice::differences) ascend_by_differences(batch, buffers, warmth, cost);
    if (!remembered_.empty()) {
      const double sign = settings_.perturbation.ascent.sign == AscentSign::up ? 1 : -1;
      space_.add_direction(remembered_, sign * settings_.perturbation.rho * warmth, u_);
    }
    const bool starts_perturbed = start_amount_ > 0 || !(system_ == platform::System{});
    for (int k = 0; ascends_ && k < settings_.perturbation.ascent.steps; ++k) {
      const bool moved = starts_perturbed || k > 0;
      const network::Loss loss = objective_.gradient(
          batch, point_at(buffers, moved), statistics_of(first, false, moved), buffers.state, gradient);
      ++cost.gradients;
      if (first) reported = loss;
      first = false;
      space_.pull(gradient, coordinate_gradient_);
      space_.add_direction(coordinate_gradient_,
                           settings_.perturbation.rho * warmth / settings_.perturbation.ascent.steps, u_);
      if (system_choice_ == SystemChoice::gradient) ascend_by_gradient(gradient.system, warmth);
    }
  }
  PointGradient<float> final_gradient{buffers.control_gradient, {}, {}, buffers.digital_gradient, {}, false};
  if (!remembered_.empty()) final_gradient.response_offset = response_gradient_;
  const network::Loss loss =
      objective_.gradient(batch, point_at(buffers, perturbed), statistics_of(first, true, perturbed),
                          buffers.state, final_gradient);
  ++cost.gradients;
  return first ? loss : reported;
}

}  // namespace pnn::train
