#include "pnn/train/perturbation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/text.hpp"

namespace pnn::train {
PerturbationSpace::PerturbationSpace(const Objective<float>& objective,
                                     const std::vector<platform::AnyPlan>& plans,
                                     const TrainSettings& settings)
    : objective_(objective),
      target_(settings.moves_weights()                         ? Target::weights
              : settings.perturbation.scale == Scale::response ? Target::response
                                                               : Target::controls),
      adaptive_(settings.perturbation.scale == Scale::adaptive),
      total_(settings.perturbation.radius == Radius::total),
      reaches_(platform::select_layers(platform::layer_names(plans), settings.perturbation.only_layers)) {
  const PerturbationSettings& s = settings.perturbation;
  const bool weights = target_ == Target::weights;
  std::vector<std::string> names = platform::layer_names(plans);
  names.emplace_back("digital");
  const auto radii = parse_radii(s.rho_groups, names, "--rho-group");
  const auto relative = [&](const std::string& name, double fallback) {
    const auto it = radii.find(name);
    if (it == radii.end()) return fallback;
    if (s.rho <= 0) throw UsageError("--rho-group: needs --rho above 0, which it is relative to");
    return it->second / s.rho;
  };

  // coordinates: one for each weight, or one for each element of a chip, which several layers may share
  std::map<std::string, Index> chip_begin;
  const bool per_element = tied_ = s.per == Per::element;
  if (per_element && weights && begin_of(plans.size()) != objective.control_count())
    throw UsageError(
        "--per element: some weights of this network belong to no element of their own; take --per weight");
  tie_.resize(std::size_t(begin_of(plans.size())));
  unit_.resize(tie_.size());
  factor_.resize(tie_.size());
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const auto& map = objective.map(layer);
    const Index begin = begin_of(layer), count = begin_of(layer + 1) - begin;
    Index first = ties_;
    if (per_element) {
      const auto [it, fresh] = chip_begin.emplace(plans[layer]->chip_key(), ties_);
      first = it->second;
      if (fresh) ties_ += map.element_count();
    } else {
      ties_ += count;
    }
    const platform::ControlBounds bounds = map.bounds();
    lower_.insert(lower_.end(), bounds.lower.begin(), bounds.lower.end());
    upper_.insert(upper_.end(), bounds.upper.begin(), bounds.upper.end());
    const double factor = reaches_[layer] ? relative(plans[layer]->name(), 1) : 0;
    const double scale = target_ == Target::weights    ? 1.0
                         : target_ == Target::response ? map.response_spread()
                         : s.scale == Scale::range     ? map.upper() - map.lower()
                                                       : 1.0;
    for (Index k = 0; k < count; ++k) {
      const auto at = std::size_t(begin + k);
      tie_[at] = std::uint32_t(first + (per_element ? Index(map.element_of_control()[std::size_t(k)]) : k));
      const bool held = target_ == Target::controls && bounds.held(std::size_t(k));
      factor_[at] = held ? 0.0F : float(factor);
      unit_[at] = held ? 0.0F : float(factor * scale);
    }
  }
  digital_factor_ = relative("digital", 0);
  if (digital_factor_ > 0)
    digital_unit_.assign(std::size_t(objective.digital_count()), float(digital_factor_));
  size_ = ties_ + Index(digital_unit_.size());

  // groups of the norm, and the number of coordinates in each that are perturbed
  std::vector<char> moves(std::size_t(size_), digital_factor_ > 0 ? 1 : 0);
  std::fill_n(moves.begin(), ties_, char(0));
  for (std::size_t k = 0; k < tie_.size(); ++k) moves[tie_[k]] |= char(factor_[k] > 0);
  const auto add_group = [&](Index begin, Index end) {
    if (begin < end)
      groups_.push_back(
          {begin, end, double(std::count(moves.begin() + begin, moves.begin() + end, char(1)))});
  };
  if (s.ascent.norm == AscentNorm::layer && !per_element) {
    for (std::size_t layer = 0; layer < plans.size(); ++layer)
      add_group(begin_of(layer), begin_of(layer + 1));
    add_group(ties_, size_);
  } else {
    add_group(0, size_);
  }
  offset_.resize(tie_.size());
  controls_.resize(std::size_t(objective.control_count()));
  digital_.resize(std::size_t(objective.digital_count()));
  noise_.resize(std::size_t(size_));
}

void PerturbationSpace::set_scale(std::span<const float> controls, std::span<const float> digital) {
  if (!adaptive_ || target_ != Target::controls) return;
  for (std::size_t layer = 0; layer < objective_.layers(); ++layer) {
    const float floor = 0.01F * float(objective_.map(layer).upper() - objective_.map(layer).lower());
    for (auto k = std::size_t(objective_.offset(layer)); k < std::size_t(objective_.offset(layer + 1)); ++k) {
      unit_[k] = factor_[k] * (std::abs(controls[k]) + floor);
    }
  }
  for (std::size_t k = 0; k < digital_unit_.size(); ++k)
    digital_unit_[k] = float(digital_factor_) * (std::abs(digital[k]) + 0.01F);
}

void PerturbationSpace::add_noise(const Stream& stream, double amount, std::span<float> u) {
  fill_normal(stream, noise_);
  const auto a = float(amount);
#pragma omp simd
  for (std::size_t k = 0; k < u.size(); ++k) u[k] += a * noise_[k];
}

void PerturbationSpace::pull(const PointGradient<float>& gradient, std::span<float> g) const {
  std::fill(g.begin(), g.end(), 0.0F);
  const std::span<const float> from = target_ == Target::controls   ? gradient.controls
                                      : target_ == Target::response ? gradient.response_offset
                                                                    : gradient.weights;
  if (tied_) {
    for (std::size_t k = 0; k < tie_.size(); ++k) g[tie_[k]] += unit_[k] * from[k];
  } else {
#pragma omp simd
    for (std::size_t k = 0; k < unit_.size(); ++k) g[k] += unit_[k] * from[k];
  }
  for (std::size_t k = 0; k < digital_unit_.size(); ++k)
    g[std::size_t(ties_) + k] = digital_unit_[k] * gradient.digital[k];
}

void PerturbationSpace::add_direction(std::span<const float> g, double amount, std::span<float> u) const {
  for (const Group& group : groups_) {
    const auto begin = std::size_t(group.begin), count = std::size_t(group.end - group.begin);
    const double length = norm(ConstVectorView<float>(g.data() + begin, Index(count)).cast<double>());
    if (!(length > 0)) continue;
    const auto factor = float(amount * (total_ ? 1.0 : std::sqrt(group.members)) / length);
#pragma omp simd
    for (std::size_t k = begin; k < begin + count; ++k) u[k] += factor * g[k];
  }
}

void PerturbationSpace::apply(std::span<const float> u, std::span<const float> controls,
                              std::span<const float> digital, Point<float>& point) {
  point.controls = controls;
  point.digital = digital;
  const auto moved = [&](std::size_t k, float by) {
    return std::min(std::max(controls[k] + by, lower_[k]), upper_[k]);
  };
  if (target_ != Target::controls) {
    if (tied_) {
      for (std::size_t k = 0; k < tie_.size(); ++k) offset_[k] = unit_[k] * u[tie_[k]];
    } else {
#pragma omp simd
      for (std::size_t k = 0; k < unit_.size(); ++k) offset_[k] = unit_[k] * u[k];
    }
    (target_ == Target::response ? point.response_offset : point.weight_offset) = offset_;
  } else {
    if (tied_) {
      for (std::size_t k = 0; k < tie_.size(); ++k) controls_[k] = moved(k, unit_[k] * u[tie_[k]]);
    } else {
#pragma omp simd
      for (std::size_t k = 0; k < controls_.size(); ++k) controls_[k] = moved(k, unit_[k] * u[k]);
    }
    point.controls = controls_;
  }
  if (!digital_unit_.empty()) {
    for (std::size_t k = 0; k < digital_.size(); ++k)
      digital_[k] = digital[k] + digital_unit_[k] * u[std::size_t(ties_) + k];
    point.digital = digital_;
  }
}

}  // namespace pnn::train
