#include "pnn/study/deployment.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/study/model_device.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::study {
namespace {

/// Adds noise of this rms, in parts of the range. Controls stay in the range, or within `bounds` if there are
/// any; those that are held stay where they are.
void add_control_noise(std::span<float> controls, double rms, const device::LayerPort& port,
                       const platform::ControlBounds* bounds, const Stream& stream) {
  std::vector<float> noise(controls.size());
  fill_normal(stream, noise);
  const auto amount = float(rms * (port.upper - port.lower));
  for (std::size_t k = 0; k < controls.size(); ++k) {
    if (bounds == nullptr || !bounds->held(k)) controls[k] += amount * noise[k];
  }
  if (!port.plan->periodic()) platform::project(controls, port.lower, port.upper, false);
  if (bounds != nullptr) platform::project(controls, *bounds, port.plan->periodic());
}

}  // namespace

Chip::Chip(std::unique_ptr<device::Device> device, std::uint64_t seed, std::uint32_t number,
           SharedBounds bounds)
    : DeviceRunner(*device),
      own_(std::move(device)),
      bounds_(std::move(bounds)),
      seed_(seed),
      number_(number) {}

void Chip::prepare(const Surroundings& s, std::span<const float> controls, std::uint32_t repeat) {
  device_.impose(s.device);
  shown_.assign(device_.layers().size(), 0);
  control_noise_ = s.control_noise;
  repeat_ = repeat;
  set_controls(controls);
}

void Chip::set_layer(std::size_t layer, std::span<const float> controls) {
  if (control_noise_ <= 0) return DeviceRunner::set_layer(layer, controls);
  std::vector<float> noisy(controls.begin(), controls.end());
  add_control_noise(noisy, control_noise_, port(layer), bounds_ ? &bounds_->at(layer) : nullptr,
                    {seed_, Purpose::control_noise, std::uint16_t(layer), number_, repeat_});
  DeviceRunner::set_layer(layer, noisy);
}

void Chip::run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) {
  device_.run_samples(layer, inputs, outputs, shown_.at(layer));
  shown_[layer] += std::uint64_t(inputs.rows());
}

Chip model_chip(const model::Model& model, std::size_t index, std::uint64_t seed, SharedBounds bounds) {
  return {make_model_device(model, index, seed), seed, 0, std::move(bounds)};
}
Chip device_chip(std::unique_ptr<device::Device> device, std::uint64_t seed, std::uint32_t index,
                 SharedBounds bounds) {
  return {std::move(device), seed, index + 1, std::move(bounds)};
}

Deployed deploy(const train::Params& params, const network::Resolved& network) {
  Deployed d;
  d.controls = train::flat_controls(params, network);
  train::flat_digital(params, network, d.digital, d.state);
  return d;
}

double map_weights(Deployed& d, const train::Params& params, const model::Model& device_model,
                   std::size_t index) {
  auto maps = model::make_maps<float>(device_model, index);
  const auto controls = platform::by_layer(device_model.plans, std::span(d.controls));
  double left = 0;
  for (std::size_t layer = 0; layer < maps.size(); ++layer) {
    const train::Tensor& weights = params.weights.at(layer);
    const ConstMatrixView<float> target(weights.values.data.data(), maps[layer]->rows(), maps[layer]->cols());
    require(Index(weights.values.size()) == target.size(), "params carry the weights of their controls");
    if (d.bounds) maps[layer]->narrow(d.bounds->at(layer));
    left = std::max(left, maps[layer]->invert(target, controls[layer]));
  }
  return left;
}

}  // namespace pnn::study
