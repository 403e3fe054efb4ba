#include "pnn/study/deployment.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/platform/transmission.hpp"
#include "pnn/train/initialise.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::study {
namespace {

void add_control_noise(std::span<float> controls, double rms, double lower, double upper, bool periodic,
                       const Stream& stream) {
  std::vector<float> noise(controls.size());
  fill_normal(stream, noise);
  const auto amount = float(rms * (upper - lower));
  const platform::FloatRange range = platform::inwards(lower, upper);
  for (std::size_t k = 0; k < controls.size(); ++k) {
    controls[k] += amount * noise[k];
    if (!periodic) controls[k] = std::clamp(controls[k], range.lower, range.upper);
  }
}

class ModelChip : public Chip {
 public:
  ModelChip(const model::Model& model, std::size_t index, std::uint64_t seed)
      : model_(model),
        maps_(model::make_maps<float>(model, index)),
        chip_numbers_(platform::chip_numbers(model.plans)),
        reference_c_(platform::climate_of(model.plans, model.process).reference_temperature_c),
        seed_(seed) {
    weights_.resize(maps_.size());
  }

  void prepare(const Surroundings& s, std::span<const float> controls, std::uint32_t repeat) override {
    device::check_conditions(s.device, model_.plans);
    std::size_t begin = 0;
    for (std::size_t layer = 0; layer < maps_.size(); ++layer) {
      platform::TransferMap<float>& map = *maps_[layer];
      const platform::LayerPlan& plan = model_.plans[layer];
      const auto count = std::size_t(map.control_count());
      std::vector<float> own(controls.begin() + Index(begin), controls.begin() + Index(begin + count));
      begin += count;
      if (s.control_noise > 0) {
        add_control_noise(own, s.control_noise, map.lower(), map.upper(), map.periodic(),
                          {seed_, Purpose::control_noise, std::uint16_t(layer), 0, repeat});
      }
      platform::Source source = plan.source(model_.process, 0);
      source.bits = double(s.device.dac_bits.value_or(0));
      platform::drive_layer(plan, source, own, own);
      const platform::System system = model_system(s, layer, reference_c_);
      const std::vector<float> offset =
          device::response_offsets(s.device, plan, map, layer,
                                   {seed_, Purpose::detuning_noise, chip_numbers_[layer], 0, s.device.draw});
      weights_[layer].resize(map.rows(), map.cols());
      map.evaluate({own, offset, system}, view(weights_[layer]));
    }
  }

  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    model_.plans[layer]->transmit(view(std::as_const(weights_[layer])), inputs, outputs);
  }
  [[nodiscard]] std::uint64_t calls() const override { return 0; }

 private:
  const model::Model& model_;
  std::vector<std::unique_ptr<platform::TransferMap<float>>> maps_;
  std::vector<std::uint16_t> chip_numbers_;
  double reference_c_;
  std::uint64_t seed_;
  std::vector<Matrix<float>> weights_;
};

class DeviceChip : public Chip {
 public:
  DeviceChip(std::unique_ptr<device::Device> device, std::uint64_t seed, std::uint32_t index)
      : device_(std::move(device)), seed_(seed), index_(index) {}

  void prepare(const Surroundings& s, std::span<const float> controls, std::uint32_t repeat) override {
    device_->impose(s.device);
    const auto& ports = device_->layers();
    shown_.assign(ports.size(), 0);
    std::size_t begin = 0;
    for (std::size_t layer = 0; layer < ports.size(); ++layer) {
      const auto count = std::size_t(ports[layer].plan->controls());
      std::vector<float> own(controls.begin() + Index(begin), controls.begin() + Index(begin + count));
      begin += count;
      if (s.control_noise > 0) {
        add_control_noise(own, s.control_noise, ports[layer].lower, ports[layer].upper,
                          ports[layer].plan->periodic(),
                          {seed_, Purpose::control_noise, std::uint16_t(layer), index_ + 1, repeat});
      }
      device_->set_controls(layer, own);
    }
  }

  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    device_->run_samples(layer, inputs, outputs, shown_.at(layer));
    shown_[layer] += std::uint64_t(inputs.rows());
  }
  [[nodiscard]] std::uint64_t calls() const override { return device_->calls(); }

 private:
  std::unique_ptr<device::Device> device_;
  std::vector<std::uint64_t> shown_;  ///< signals that each layer got since the conditions began
  std::uint64_t seed_;
  std::uint32_t index_;
};

/// Loss on the calibration samples with the chip as it is.
double calibration_loss(Deployed& d, const network::Resolved& network, network::Task task,
                        const network::Split& calibration, Chip& chip) {
  stop_if_asked();
  return network::evaluate(network, {{}, d.digital, d.state}, calibration, task, &chip).loss;
}

/// Golden-section search after a coarse scan: the loss over the set point has one broad valley at best.
void trim_temperature(Deployed& d, const network::Resolved& network, network::Task task,
                      const network::Split& calibration, Chip& chip, Surroundings s) {
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
               const network::Split& calibration, network::Task task, Chip& chip) {
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
void trim_batchnorm(Deployed& d, const network::Resolved& network, const network::Split& calibration,
                    Chip& chip) {
  network::Pass<float> pass(network, calibration.size());
  pass.forward(view(calibration.x), {{}, d.digital, d.state}, network::Statistics::batch_and_replace, &chip);
}

}  // namespace

std::unique_ptr<Chip> make_model_chip(const model::Model& model, std::size_t index, std::uint64_t seed) {
  return std::make_unique<ModelChip>(model, index, seed);
}
std::unique_ptr<Chip> make_device_chip(std::unique_ptr<device::Device> device, std::uint64_t seed,
                                       std::uint32_t index) {
  return std::make_unique<DeviceChip>(std::move(device), seed, index);
}

void MapSettings::describe(Options& o) {
  o.group("Deployment");
  o.choice("map", map,
           "what is carried to a device: the controls as trained, or the weights, inverted through the "
           "device's own model (--models)");
  o.choice("trim", trim, "what a handful of calls on each device adjusts");
  o.integer("trim-samples", trim_samples, "N", "training samples shown while trimming",
            Limits::between(1, 1e6));
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
  double left = 0;
  std::size_t begin = 0;
  for (std::size_t layer = 0; layer < maps.size(); ++layer) {
    const auto count = std::size_t(maps[layer]->control_count());
    const train::Tensor& weights = params.weights.at(layer);
    const ConstMatrixView<float> target(weights.values.data.data(), maps[layer]->rows(), maps[layer]->cols());
    require(Index(weights.values.size()) == target.size(), "params carry the weights of their controls");
    const auto controls = std::span(d.controls).subspan(begin, count);
    left = std::max(left, maps[layer]->invert(target, controls));
    begin += count;
  }
  return left;
}

void trim_on_chip(Deployed& d, Trim what, const network::Resolved& network, const train::Params& params,
                  const network::Split& calibration, Chip& chip, const Surroundings& surroundings) {
  if (what == Trim::none) return;
  const std::uint64_t before = chip.calls();
  chip.prepare(surroundings, d.controls, 0);
  if (what == Trim::temperature) trim_temperature(d, network, params.task, calibration, chip, surroundings);
  if (what == Trim::gain) trim_gain(d, network, params, calibration, params.task, chip);
  if (what == Trim::batchnorm) trim_batchnorm(d, network, calibration, chip);
  d.trim_calls = chip.calls() - before;
}

}  // namespace pnn::study
