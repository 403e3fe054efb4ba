#include "pnn/study/model_device.hpp"

#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/platform/source.hpp"

namespace pnn::study {
namespace {

class ModelDevice final : public device::Device {
 public:
  ModelDevice(const model::Model& model, std::size_t index, std::uint64_t seed)
      : model_(model),
        chip_numbers_(platform::chip_numbers(model.plans)),
        reference_c_(platform::climate_of(model.plans, model.process).reference_temperature_c),
        seed_(seed) {
    for (auto& map : model::make_maps<float>(model, index)) {
      ports_.push_back({model.plans[layers_.size()], map->lower(), map->upper(), map->lower()});
      std::vector<float> controls(std::size_t(map->control_count()), float(map->lower()));
      Matrix<float> weights(map->rows(), map->cols());
      layers_.push_back({std::move(map), std::move(controls), std::move(weights)});
    }
  }

  [[nodiscard]] const std::vector<device::LayerPort>& layers() const override { return ports_; }

  void set_controls(std::size_t number, std::span<const float> controls) override {
    Layer& layer = layers_.at(number);
    layer.controls.assign(controls.begin(), controls.end());
    layer.stale = true;
  }

  void run(std::size_t number, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    if (layers_.at(number).stale) update(number);
    model_.plans[number]->transmit(view(std::as_const(layers_[number].weights)), inputs, outputs);
  }

  void wait(double) override {}
  double read(std::string_view sensor) override {
    throw UsageError("sensor \"" + std::string(sensor) + "\": a model has no sensor");
  }

  void impose(const device::Conditions& conditions) override {
    device::check_conditions(conditions, model_.plans);
    conditions_ = conditions;
    for (Layer& layer : layers_) layer.stale = true;
  }

 private:
  struct Layer {
    std::unique_ptr<platform::TransferMap<float>> map;
    std::vector<float> controls;
    Matrix<float> weights;
    bool stale = true;  ///< controls or conditions have changed since `weights` were computed
  };

  void update(std::size_t number) {
    Layer& layer = layers_[number];
    const platform::LayerPlan& plan = model_.plans[number];
    platform::Source source = plan.source(model_.process, 0);
    source.bits = double(conditions_.dac_bits.value_or(0));
    std::vector<float> driven(layer.controls.size());
    platform::drive_layer(plan, source, layer.controls, driven);
    const std::vector<float> offset = device::response_offsets(
        conditions_, plan, *layer.map, number,
        {seed_, Purpose::detuning_noise, chip_numbers_[number], 0, conditions_.draw});
    layer.map->evaluate({driven, offset, model_system(conditions_, number, reference_c_)},
                        view(layer.weights));
    layer.stale = false;
  }

  const model::Model& model_;
  std::vector<std::uint16_t> chip_numbers_;
  double reference_c_;
  std::uint64_t seed_;
  device::Conditions conditions_;
  std::vector<device::LayerPort> ports_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<device::Device> make_model_device(const model::Model& model, std::size_t index,
                                                  std::uint64_t seed) {
  return std::make_unique<ModelDevice>(model, index, seed);
}

platform::System model_system(const device::Conditions& c, std::size_t layer, double reference_c) {
  return c.system_of(layer, c.temperature_c.value_or(reference_c) - reference_c + c.drift_k);
}

}  // namespace pnn::study
