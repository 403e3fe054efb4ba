#include "pnn/device/virtual_device.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/device/surroundings.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::device {

namespace {

/// Rows of a batch in one chunk of the product.
constexpr Index batch_chunk = 128;

const ChipTruth& chip_of(const DeviceSet& set, const platform::BankPlan& plan) {
  const auto chip = std::find_if(set.chips.begin(), set.chips.end(),
                                 [&](const ChipTruth& c) { return c.key == plan.chip_key(); });
  if (chip == set.chips.end()) {
    throw InputError("layer " + plan.name + " needs chip \"" + plan.chip_key() +
                     "\", which the device set does not have; make the set with pnn-fabricate");
  }
  return *chip;
}

platform::RingParameters truth_of(const ChipTruth& chip, std::size_t index) {
  const auto row = [&](const Array<double>& values) {
    const auto slice = values.slice(index);
    return std::vector<double>(slice.begin(), slice.end());
  };
  platform::RingParameters rings;
  rings.delta_nm = row(chip.delta_nm);
  rings.eta_nm_per_mw = row(chip.eta_nm_per_mw);
  rings.resistance_ohm = row(chip.resistance_ohm);
  rings.beta_per_ma2 = row(chip.beta_per_ma2);
  rings.r = row(chip.r);
  rings.a = row(chip.a);
  return rings;
}

class VirtualDevice final : public Device {
 public:
  VirtualDevice(const DeviceSet& set, std::size_t index)
      : process_(set.process),
        seed_(set.seed),
        index_(std::uint32_t(index)),
        surroundings_(set.process, set.seed, std::uint32_t(index)) {
    const platform::BankPhysics physics = platform::full_physics(process_);
    for (const platform::BankPlan& plan : set.plans) {
      ports_.push_back({plan, physics.current_min_ma, physics.current_max_ma});
      const ChipTruth& chip = chip_of(set, plan);
      Layer& layer = layers_.emplace_back();
      layer.bank = platform::make_bank<float>(plan, physics, truth_of(chip, index));
      layer.chip_stream = chip.stream;
      layer.requested.assign(std::size_t(plan.weights()), float(physics.current_min_ma));
      layer.weights.resize(plan.out, plan.in);
    }
    impose({});
  }

  [[nodiscard]] const std::vector<LayerPort>& layers() const override { return ports_; }

  void set_controls(std::size_t number, std::span<const float> controls) override {
    Layer& layer = at(number);
    require(controls.size() == layer.requested.size(), "device: one control a weight");
    if (!std::all_of(controls.begin(), controls.end(), [](float c) { return std::isfinite(c); })) {
      throw RunError("layer " + ports_[number].plan.name + ": a control to be set is not a finite number");
    }
    if (std::equal(controls.begin(), controls.end(), layer.requested.begin())) return;
    std::copy(controls.begin(), controls.end(), layer.requested.begin());
    drive(layer);
  }

  void run(std::size_t number, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    Layer& layer = at(number);
    const platform::BankPlan& plan = ports_[number].plan;
    require(inputs.cols() == plan.in && outputs.cols() == plan.out && inputs.rows() == outputs.rows(),
            "device: inputs [batch, in] and outputs [batch, out] of the layer");
    update_weights(number);
    const auto chunks = std::size_t((inputs.rows() + batch_chunk - 1) / batch_chunk);
    parallel_for(chunks, [&](std::size_t chunk) {
      const Index first = Index(chunk) * batch_chunk, count = std::min(batch_chunk, inputs.rows() - first);
      outputs.middleRows(first, count).noalias() =
          inputs.middleRows(first, count) * layer.weights.transpose();
    });
    add_noise(number, inputs, outputs);
    surroundings_.tick();
    ++calls_;
  }

  void wait(double seconds) override {
    if (!(seconds >= 0) || !std::isfinite(seconds)) {
      throw UsageError("wait: expected a time of 0 s or more, found " + format_number(seconds));
    }
    surroundings_.wait(seconds);
  }

  double read(std::string_view sensor) override {
    if (sensor != "temperature") {
      throw UsageError("sensor \"" + std::string(sensor) +
                       "\": a virtual device has one sensor, temperature");
    }
    return process_.reference_temperature_c + surroundings_.offset_k();
  }

  void impose(const Conditions& conditions) override {
    check_conditions(conditions, layers_.size());
    conditions_ = conditions;
    surroundings_.restart(conditions);
    for (std::size_t number = 0; number < layers_.size(); ++number) {
      draw_detuning(number);
      drive(layers_[number]);
    }
  }

 private:
  struct Layer {
    std::unique_ptr<platform::Bank<float>> bank;
    std::uint16_t chip_stream = 0;
    std::vector<float> requested, driven;  ///< currents as asked for, and as the source gives them, mA
    std::vector<float> detuning;           ///< imposed on each weight's ring, nm; empty if none
    Matrix<float> weights;
    double temperature_k = 0;  ///< offset at which `weights` were evaluated
    bool stale = true;         ///< currents or detuning have changed since
  };

  Layer& at(std::size_t number) {
    if (number >= layers_.size()) {
      throw UsageError("layer " + std::to_string(number) + ": the device has " +
                       std::to_string(layers_.size()) + " layer(s)");
    }
    return layers_[number];
  }
  [[nodiscard]] bool reached(std::size_t number) const {
    return conditions_.reaches.empty() || conditions_.reaches[number];
  }

  void drive(Layer& layer) const {
    const double bits = conditions_.dac_bits ? double(*conditions_.dac_bits) : process_.dac_bits;
    layer.driven.resize(layer.requested.size());
    platform::drive({process_.current_min_ma, process_.current_max_ma, bits}, layer.requested, layer.driven);
    layer.stale = true;
  }

  void draw_detuning(std::size_t number) {
    Layer& layer = layers_[number];
    layer.detuning.clear();
    if (!reached(number) || (conditions_.detuning_nm == 0 && conditions_.detuning_sigma_nm == 0)) return;
    std::vector<float> draws(std::size_t(layer.bank->element_count()), 0.0F);
    if (conditions_.detuning_sigma_nm > 0) {
      fill_normal({seed_, Purpose::detuning_noise, layer.chip_stream, index_, conditions_.draw}, draws);
    }
    for (const std::uint32_t ring : layer.bank->element_of_control()) {
      layer.detuning.push_back(
          float(conditions_.detuning_nm + conditions_.detuning_sigma_nm * double(draws[ring])));
    }
  }

  void update_weights(std::size_t number) {
    Layer& layer = layers_[number];
    const double temperature = reached(number) ? surroundings_.offset_k() : 0;
    if (!layer.stale && temperature == layer.temperature_k) return;
    layer.bank->evaluate({layer.driven, layer.detuning, temperature}, view(layer.weights));
    layer.temperature_k = temperature;
    layer.stale = false;
  }

  /// Each tile is read by itself, so an output that is the sum of n tiles has √n of the noise of one.
  void add_noise(std::size_t number, const ConstMatrixView<float>& inputs, MatrixView<float>& outputs) {
    const double noise = conditions_.readout_noise.value_or(process_.readout_noise);
    if (noise == 0 || inputs.size() == 0) return;
    const platform::BankPlan& plan = ports_[number].plan;
    const double full_scale = double(plan.chip_cols) * double(inputs.cwiseAbs().maxCoeff());
    const auto sigma = float(noise * full_scale * std::sqrt(double(plan.tile_cols())));
    noise_.resize(std::size_t(outputs.size()));
    fill_normal({seed_, Purpose::readout_noise, std::uint16_t(number), index_, surroundings_.time_index()},
                noise_);
    for (Index k = 0; k < outputs.size(); ++k) outputs.data()[k] += sigma * noise_[std::size_t(k)];
  }

  const platform::MrrProcess process_;
  const std::uint64_t seed_;
  const std::uint32_t index_;
  Surroundings surroundings_;
  Conditions conditions_;
  std::vector<LayerPort> ports_;
  std::vector<Layer> layers_;
  std::vector<float> noise_;
};

}  // namespace

std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index) {
  if (index >= set.count) {
    throw UsageError("device " + std::to_string(index) + ": the set holds " + std::to_string(set.count) +
                     " device(s), numbered from 0");
  }
  return std::make_unique<VirtualDevice>(set, index);
}

}  // namespace pnn::device
