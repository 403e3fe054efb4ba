#include "pnn/study/deployment.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/study/model_device.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/settings.hpp"

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

/// Loss on the calibration samples with the chip as it is.
double calibration_loss(Deployed& d, const network::Resolved& network, network::Task task,
                        const network::SplitView& calibration, Chip& chip) {
  stop_if_asked();
  return network::evaluate(network, {{}, d.digital, d.state}, calibration, task, &chip).loss;
}

/// Golden-section search after a coarse scan: the loss over the set point has one broad valley at best.
void trim_temperature(Deployed& d, const network::Resolved& network, network::Task task,
                      const network::SplitView& calibration, Chip& chip, Surroundings s) {
  const double start = s.device.drift_k;
  const auto loss_at = [&](double shift) {
    s.device.drift_k = start + shift;
    chip.prepare(s, d.controls, 0);
    return calibration_loss(d, network, task, calibration, chip);
  };
  double best = 0, best_loss = loss_at(0);
  for (int quarter = -6; quarter <= 6; ++quarter) {
    if (quarter == 0) continue;
    const double shift = 0.25 * quarter;
    const double loss = loss_at(shift);
    if (loss < best_loss) {
      best_loss = loss;
      best = shift;
    }
  }
  for (const double step : {0.125, 0.0625, 0.03125}) {
    for (const double shift : {best - step, best + step}) {
      const double loss = loss_at(shift);
      if (loss < best_loss) {
        best_loss = loss;
        best = shift;
        break;
      }
    }
  }
  d.set_point_shift_k = best;
}

/// Compares what each physical layer gave with what the model expects of what it received.
class GainMeter : public network::PhysicalRunner {
 public:
  GainMeter(network::PhysicalRunner& chip, std::vector<platform::AnyPlan> plans,
            std::vector<Matrix<float>> weights)
      : chip_(chip),
        plans_(std::move(plans)),
        weights_(std::move(weights)),
        dots_(weights_.size()),
        squares_(weights_.size()) {}
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    chip_.run(layer, inputs, outputs);
    Matrix<float> expected(outputs.rows(), outputs.cols());
    plans_[layer]->transmit(view(std::as_const(weights_[layer])), inputs, view(expected));
    dots_[layer] += sum((expected.array() * outputs.array()).cast<double>());
    squares_[layer] += sum(outputs.array().square().cast<double>());
  }
  [[nodiscard]] double ratio(std::size_t layer) const {
    return squares_[layer] > 0 ? dots_[layer] / squares_[layer] : 1;
  }

 private:
  network::PhysicalRunner& chip_;
  std::vector<platform::AnyPlan> plans_;
  std::vector<Matrix<float>> weights_;
  std::vector<double> dots_, squares_;
};

/// One least-squares factor a layer between what the model expects and what the chip gives at the same
/// inputs, moved into the digital gain, or into the running statistics, that follow.
void trim_gain(Deployed& d, const network::Resolved& network, const train::Params& params,
               const network::SplitView& calibration, network::Task task, Chip& chip) {
  std::vector<Matrix<float>> weights;
  for (const train::Tensor& t : params.weights) {  // a complex matrix is stored as its rows of Re, then of Im
    const std::size_t cols = t.values.shape.back();
    weights.emplace_back(
        ConstMatrixView<float>(t.values.data.data(), Index(t.values.size() / cols), Index(cols)));
  }
  GainMeter meter(chip, network.plans(), std::move(weights));
  static_cast<void>(network::evaluate(network, {{}, d.digital, d.state}, calibration, task, &meter));
  const network::DigitalLayout layout = network::digital_layout(network);
  const auto scale = [](const std::vector<network::Segment>& segments, const std::string& name,
                        std::vector<float>& values, double factor) {
    for (const network::Segment& s : segments) {
      if (s.name != name) continue;
      for (Index k = 0; k < s.size; ++k) values[std::size_t(s.offset + k)] *= float(factor);
    }
  };
  for (std::size_t k = 0; k + 1 < network.layers.size(); ++k) {
    if (network.layers[k].physical < 0) continue;
    const double ratio = meter.ratio(std::size_t(network.layers[k].physical));
    std::size_t after = k + 1;  // a selection of outputs may precede the scaling
    while (network.layers[after].kind == network::Kind::keep) ++after;
    const network::Layer& next = network.layers[after];
    if (next.kind == network::Kind::gain) {
      scale(layout.trained, next.name + "/gain", d.digital, ratio);
    } else if (next.kind == network::Kind::batchnorm && ratio > 0) {
      scale(layout.state, next.name + "/mean", d.state, 1 / ratio);
      scale(layout.state, next.name + "/variance", d.state, 1 / (ratio * ratio));
    }
  }
}

/// Running statistics become those of the calibration samples on this chip, layer after layer in one pass.
void trim_batchnorm(Deployed& d, const network::Resolved& network, const network::SplitView& calibration,
                    Chip& chip) {
  network::Pass<float> pass(network, calibration.size());
  pass.forward(calibration.x, {{}, d.digital, d.state}, network::Statistics::batch_and_replace, &chip);
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

void MapSettings::describe(Options& o) {
  o.group("Deployment");
  o.choice("map", map,
           "what is carried to a device: the controls as trained, or the weights, inverted through the "
           "device's own model (--models)");
  o.choice("trim", trim, "what a handful of calls on each device adjusts");
  o.integer("trim-samples", trim_samples, "N", "training samples shown while trimming",
            Limits::between(1, 1e6))
      .idle = [this] { return trim == Trim::none ? "nothing is trimmed (--trim)" : ""; };
  o.choice("statistics", statistics,
           "what batch normalisation divides by: file the running statistics of the training, which a "
           "deployed chip has; shown those of every " +
               std::to_string(network::evaluation_batch) +
               " samples shown, under the very condition that is evaluated: to compare with accuracies that "
               "were measured so, for no deployed chip has them");
}

void MapSettings::check(bool has_models, bool fine_tunes) const {
  if (statistics == NormalizedBy::shown && trim == Trim::batchnorm)
    throw UsageError(
        "--statistics shown reads no running statistics, and --trim batchnorm takes them: give one");
  if (map == Carried::weights && !has_models)
    throw UsageError("--map weights: needs --models, a model file fitted to the curves of these devices");
  if (map == Carried::controls && has_models && !fine_tunes)
    throw UsageError("--models: only --map weights and --finetune-steps read them");
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

void trim_on_chip(Deployed& d, Trim what, const network::Resolved& network, const train::Params& params,
                  const network::SplitView& calibration, Chip& chip, const Surroundings& surroundings) {
  if (what == Trim::none) return;
  const std::uint64_t before = chip.calls();
  chip.prepare(surroundings, d.controls, 0);
  if (what == Trim::temperature) trim_temperature(d, network, params.task, calibration, chip, surroundings);
  if (what == Trim::gain) trim_gain(d, network, params, calibration, params.task, chip);
  if (what == Trim::batchnorm) trim_batchnorm(d, network, calibration, chip);
  d.trim_calls = chip.calls() - before;
}

}  // namespace pnn::study
