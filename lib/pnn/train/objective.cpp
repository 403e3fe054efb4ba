#include "pnn/train/objective.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"

namespace pnn::train {

template <>
void Objective<float>::forward_on_device(const Batch<float>&, const Point<float>&, network::Statistics,
                                         std::span<float>, bool);
template <>
void Objective<double>::forward_on_device(const Batch<float>&, const Point<float>&, network::Statistics,
                                          std::span<float>, bool);
template <>
void Objective<float>::fit_residuals(const Batch<float>&, const Point<float>&, std::span<float>);
template <>
void Objective<double>::fit_residuals(const Batch<float>&, const Point<float>&, std::span<float>);

template <class Real>
Objective<Real>::Objective(const network::Resolved& network,
                           std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps, network::Task task,
                           Index max_batch)
    : maps_(std::move(maps)),
      task_(task),
      network_(network),
      max_batch_(max_batch),
      pass_(network, max_batch) {
  const network::DigitalLayout layout = network::digital_layout(network);
  digital_count_ = layout.trained_size;
  state_count_ = layout.state_size;
  require(maps_.size() == network.plans().size(), "a map for every physical layer");
  offsets_.push_back(0);
  weight_offsets_.push_back(0);
  for (const auto& map : maps_) {
    offsets_.push_back(offsets_.back() + map->control_count());
    weight_offsets_.push_back(weight_offsets_.back() + map->rows() * map->cols());
    weights_.emplace_back(map->rows(), map->cols());
    weight_gradients_.emplace_back(map->rows(), map->cols());
  }
  ways_.resize(maps_.size());
  taken_.resize(maps_.size());
  pullbacks_.resize(maps_.size());
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
          point.system.empty() ? platform::System{} : point.system[layer]};
}

template <class Real>
void Objective<Real>::materialise(const Point<Real>& point) {
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    if (taken_[k] != nullptr) continue;
    maps_[k]->evaluate(operating_point(point, k), view(weights_[k]));
    if (!point.weight_offset.empty()) {
      VectorView<Real>(weights_[k].data(), weights_[k].size()) +=
          ConstVectorView<Real>(point.weight_offset.data() + weight_offsets_[k], weights_[k].size());
    }
  }
}

template <class Real>
void Objective<Real>::choose_ways(Index batch, const Point<Real>& point, bool wants_weights) {
  const bool matrices = wants_weights || !point.weight_offset.empty() || in_situ_.laboratory != nullptr;
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    const bool direct = !matrices && batch <= maps_[k]->largest_direct_batch();
    if (direct) ways_[k] = {maps_[k].get(), operating_point(point, k), nullptr};
    taken_[k] = direct ? &ways_[k] : nullptr;
  }
}

template <class Real>
network::Parameters<Real> Objective<Real>::parameters(const Point<Real>& point, std::span<Real> state) const {
  return {weights_, point.digital, state, taken_};
}

template <class Real>
network::Loss Objective<Real>::loss(const Batch<Real>& batch, const Point<Real>& point,
                                    network::Statistics statistics, std::span<Real> state) {
  choose_ways(batch.x.rows(), point, false);
  forward(batch, point, statistics, state, false);
  return shown_->loss(task_, batch.labels, batch.targets, smoothing_);
}

template <class Real>
void Objective<Real>::set_drop(const Stream& stream) {
  pass_.set_drop(stream);
  if (other_pass_) other_pass_->set_drop(stream);
}

template <class Real>
void Objective<Real>::run_on(const InSitu& in_situ) {
  in_situ_ = in_situ;
  if (in_situ.output_only || in_situ.states == ResidualStates::unitary)
    other_pass_ = std::make_unique<network::Pass<Real>>(network_, max_batch_);
  if (in_situ.residuals == nullptr) return;
  for (const network::Layer& layer : network_.layers) {
    if (layer.kind == network::Kind::physical_conv)
      throw UsageError(
          "dat: " + layer.name +
          " is a convolution, whose residual map is not learned; take pat, or layers that are none");
  }
  pass_.fuse_moduli(!in_situ.output_only);
  unused_digital_gradient_.resize(std::size_t(digital_count_));
}

template <class Real>
void Objective<Real>::forward(const Batch<Real>& batch, const Point<Real>& point,
                              network::Statistics statistics, std::span<Real> state, bool goes_back) {
  shown_ = &pass_;
  if constexpr (std::is_same_v<Real, float>) {
    if (in_situ_.laboratory != nullptr) return forward_on_device(batch, point, statistics, state, goes_back);
  }
  materialise(point);
  pass_.forward(batch.x, parameters(point, state), statistics);
}

/// The device's pass, and what the way back needs of the model: matrices, and activations where those of the
/// device are not read.
template <>
void Objective<float>::forward_on_device(const Batch<float>& batch, const Point<float>& point,
                                         network::Statistics statistics, std::span<float> state,
                                         bool goes_back) {
  require(point.response_offset.empty() && point.weight_offset.empty() && point.system.empty(),
          "a laboratory sets controls and nothing else");
  const network::Parameters<float> parameters{weights_, point.digital, state};
  in_situ_.laboratory->set_controls(point.controls);
  network::Pass<float>& device_pass = in_situ_.output_only ? *other_pass_ : pass_;
  const auto outputs = device_pass.forward(batch.x, parameters, statistics, in_situ_.laboratory);
  if (!goes_back) {
    shown_ = &device_pass;
    return;
  }
  materialise(point);
  if (!in_situ_.output_only) {
    if (in_situ_.residuals != nullptr) fit_residuals(batch, point, state);
    return;
  }
  if (in_situ_.residuals != nullptr) in_situ_.residuals->add_to(weights_);
  // the running statistics belong to the outputs of the device
  pass_.forward(
      batch.x, parameters,
      statistics == network::Statistics::batch_and_update ? network::Statistics::batch : statistics);
  if (in_situ_.residuals != nullptr) fit_residuals(batch, point, state);
  pass_.replace_outputs(outputs);
}

template <>
void Objective<float>::fit_residuals(const Batch<float>& batch, const Point<float>& point,
                                     std::span<float> state) {
  Residuals& residuals = *in_situ_.residuals;
  const auto towards = [](ConstMatrixView<float> predicted, ConstMatrixView<float> given) {
    const double power = double(squared_norm(given));
    return Matrix<float>((predicted - given) * float(power > 0 ? 2 / power : 0));
  };
  const auto through = [&](network::Pass<float>& predicted, const Matrix<float>& by_output,
                           std::span<const Matrix<float>> by_physical) {
    predicted.backward_from(view(by_output), by_physical, {weights_, point.digital, state},
                            {weight_gradients_, unused_digital_gradient_});
    for (std::size_t k = 0; k < maps_.size(); ++k) residuals.gradient(k) = weight_gradients_[k];
  };
  if (in_situ_.states ==
      ResidualStates::output) {  // pass_ has the prediction, other_pass_ the device's outputs
    through(pass_, towards(pass_.outputs(), other_pass_->outputs()), {});
    residuals.update();
    return;
  }
  if (in_situ_.states == ResidualStates::separable) {
    for (std::size_t k = 0; k < maps_.size(); ++k)
      residuals.measure(k, weights_[k], pass_.physical_input(k), pass_.physical_output(k));
  } else {
    residuals.add_to(weights_);
    other_pass_->forward(batch.x, {weights_, point.digital, state}, network::Statistics::batch);
    std::vector<Matrix<float>> by_physical;
    for (std::size_t k = 0; k < maps_.size(); ++k)
      by_physical.push_back(towards(other_pass_->physical_output(k), pass_.physical_output(k)));
    const auto outputs = other_pass_->outputs();
    through(*other_pass_, Matrix<float>::Zero(outputs.rows(), outputs.cols()), by_physical);
    materialise(point);
  }
  residuals.update();
  residuals.add_to(weights_);
}

template <>
void Objective<double>::forward_on_device(const Batch<float>&, const Point<float>&, network::Statistics,
                                          std::span<float>, bool) {
  throw InternalError("a device computes in float");
}
template <>
void Objective<double>::fit_residuals(const Batch<float>&, const Point<float>&, std::span<float>) {
  throw InternalError("a device computes in float");
}

template <class Real>
network::Loss Objective<Real>::gradient(const Batch<Real>& batch, const Point<Real>& point,
                                        network::Statistics statistics, std::span<Real> state,
                                        PointGradient<Real>& out) {
  choose_ways(batch.x.rows(), point, !out.weights.empty());
  forward(batch, point, statistics, state, true);
  network::Loss result = shown_->loss(task_, batch.labels, batch.targets, smoothing_);
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    const auto part = [&](std::span<Real> flat) {
      return flat.empty()
                 ? flat
                 : flat.subspan(std::size_t(offsets_[k]), std::size_t(offsets_[k + 1] - offsets_[k]));
    };
    pullbacks_[k] = {part(out.controls), part(out.response_offset), {}, out.wants_system};
    ways_[k].gradient = &pullbacks_[k];
  }
  pass_.backward(parameters(point, state),
                 {weight_gradients_, out.digital, out.wants_system || !out.weights.empty()});
  out.system.assign(maps_.size(), {});
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    if (taken_[k] == nullptr)
      maps_[k]->pullback(operating_point(point, k), view(std::as_const(weight_gradients_[k])), pullbacks_[k]);
    out.system[k] = pullbacks_[k].system;
    if (!out.weights.empty()) {
      std::copy_n(weight_gradients_[k].data(), weight_gradients_[k].size(),
                  out.weights.data() + weight_offsets_[k]);
    }
  }
  if (slope_penalty_ > 0 && !out.controls.empty()) result.mean += add_slope_penalty(point, out.controls);
  return result;
}

template <class Real>
void Objective<Real>::set_slope_penalty(double lambda) {
  slope_penalty_ = lambda;
  for (const auto& map : maps_) {
    if (!map->has_slopes()) {
      throw UsageError(
          "--method slope: the slope of a tuning curve needs a control for every weight, which not every "
          "layer of "
          "this network has");
    }
  }
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
