#include "pnn/train/objective.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"

namespace pnn::train {

template <class Real>
Objective<Real>::Objective(const network::Resolved& network,
                           std::vector<std::unique_ptr<platform::Bank<Real>>> maps, network::Task task,
                           Index max_batch)
    : maps_(std::move(maps)), task_(task), pass_(network, max_batch) {
  const network::DigitalLayout layout = network::digital_layout(network);
  digital_count_ = layout.trained_size;
  state_count_ = layout.state_size;
  require(maps_.size() == network.plans().size(), "a map for every physical layer");
  offsets_.push_back(0);
  for (const auto& map : maps_) {
    offsets_.push_back(offsets_.back() + map->control_count());
    weights_.emplace_back(map->rows(), map->cols());
    weight_gradients_.emplace_back(map->rows(), map->cols());
  }
}

template <class Real>
platform::OperatingPoint<Real> Objective<Real>::operating_point(const Point<Real>& point,
                                                                std::size_t layer) const {
  const auto part = [&](std::span<const Real> flat) {
    return flat.empty() ? flat
                        : flat.subspan(std::size_t(offsets_[layer]),
                                       std::size_t(offsets_[layer + 1] - offsets_[layer]));
  };
  return {part(point.controls), part(point.response_offset),
          point.temperature.empty() ? 0.0 : point.temperature[layer]};
}

template <class Real>
void Objective<Real>::materialise(const Point<Real>& point) {
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    maps_[k]->evaluate(operating_point(point, k), view(weights_[k]));
    if (!point.weight_offset.empty()) {
      VectorView<Real>(weights_[k].data(), weights_[k].size()) +=
          ConstVectorView<Real>(point.weight_offset.data() + offsets_[k], weights_[k].size());
    }
  }
}

template <class Real>
network::Loss Objective<Real>::loss(const Batch<Real>& batch, const Point<Real>& point,
                                    network::Statistics statistics, std::span<Real> state) {
  materialise(point);
  pass_.forward(batch.x, {weights_, point.digital, state}, statistics);
  return pass_.loss(task_, batch.labels);
}

template <class Real>
network::Loss Objective<Real>::gradient(const Batch<Real>& batch, const Point<Real>& point,
                                        network::Statistics statistics, std::span<Real> state,
                                        PointGradient<Real>& out) {
  network::Loss result = loss(batch, point, statistics, state);
  pass_.backward({weights_, point.digital, state}, {weight_gradients_, out.digital});
  out.temperature.assign(maps_.size(), 0);
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    const auto part = [&](std::span<Real> flat) {
      return flat.empty()
                 ? flat
                 : flat.subspan(std::size_t(offsets_[k]), std::size_t(offsets_[k + 1] - offsets_[k]));
    };
    platform::Pullback<Real> pullback{part(out.controls), part(out.response_offset), 0};
    maps_[k]->pullback(operating_point(point, k), view(std::as_const(weight_gradients_[k])), pullback);
    out.temperature[k] = pullback.temperature;
    if (!out.weights.empty()) {
      const std::span<Real> to = part(out.weights);
      std::copy_n(weight_gradients_[k].data(), weight_gradients_[k].size(), to.data());
    }
  }
  if (slope_penalty_ > 0 && !out.controls.empty()) result.mean += add_slope_penalty(point, out.controls);
  return result;
}

template <class Real>
double Objective<Real>::add_slope_penalty(const Point<Real>& point, std::span<Real> gradient) {
  slope_.resize(std::size_t(control_count()));
  curvature_.resize(slope_.size());
  double sum = 0;
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    const auto begin = std::size_t(offsets_[k]), count = std::size_t(offsets_[k + 1]) - begin;
    const auto at = operating_point(point, k);
    maps_[k]->slope(at, std::span(slope_).subspan(begin, count));
    maps_[k]->curvature(at, std::span(curvature_).subspan(begin, count));
    const double range = maps_[k]->upper() - maps_[k]->lower();
    const double factor = slope_penalty_ * range * range / double(control_count());
    for (std::size_t i = begin; i < begin + count; ++i) {
      sum += factor * double(slope_[i]) * double(slope_[i]);
      gradient[i] += Real(2 * factor) * slope_[i] * curvature_[i];
    }
  }
  return sum;
}

template class Objective<float>;
template class Objective<double>;

}  // namespace pnn::train
