#include "pnn/device/virtual_device.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/device/ambient.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/device/numbers.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/transmission.hpp"

namespace pnn::device {

namespace {

const ChipTruth& chip_of(const DeviceSet& set, const platform::LayerPlan& plan) {
  const auto chip = std::find_if(set.chips.begin(), set.chips.end(),
                                 [&](const ChipTruth& c) { return c.key == plan.chip_key(); });
  if (chip == set.chips.end()) {
    throw InputError("layer " + plan.name() + " needs chip \"" + plan.chip_key() +
                     "\", which the device set does not have; make the set with pnn-fabricate");
  }
  return *chip;
}

class VirtualDevice final : public Device {
 public:
  /// `truth_of` gives the hidden values of a chip, on which the layer of a plan runs.
  template <class TruthOf>
  VirtualDevice(const DeviceSet& set, std::size_t index, const platform::Process& process,
                const TruthOf& truth_of)
      : process_(process),
        seed_(set.seed),
        index_(std::uint32_t(index)),
        ambient_(platform::climate_of(set.plans, process), set.seed, std::uint32_t(index)) {
    for (const platform::AnyPlan& any : set.plans) {
      const platform::LayerPlan& plan = any;
      const platform::Source source = plan.source(process_, {});
      plans_.push_back(any);
      ports_.push_back({any, source.lower, source.upper, source.lower});
      const ChipTruth& chip = chip_of(set, plan);
      Layer& layer = layers_.emplace_back();
      layer.truth = truth_of(chip, plan);
      layer.map = platform::make_device_map<float>(plan, process_, layer.truth);
      layer.full_scale = plan.full_scale(*layer.map);
      layer.chip_stream = chip.stream;
      layer.requested.assign(std::size_t(plan.controls()), float(source.lower));
      layer.weights.resize(layer.map->rows(), layer.map->cols());
    }
    impose({});
  }

  [[nodiscard]] const std::vector<LayerPort>& layers() const override { return ports_; }

  void set_controls(std::size_t number, std::span<const float> controls) override {
    Layer& layer = at(number);
    require(controls.size() == layer.requested.size(), "device: as many controls as the layer has");
    check_controls(ports_[number].plan->name(), controls);
    if (std::equal(controls.begin(), controls.end(), layer.requested.begin())) return;
    std::copy(controls.begin(), controls.end(), layer.requested.begin());
    drive(number);
  }

  void run(std::size_t number, ConstMatrixView<float> inputs, MatrixView<float> outputs) override {
    run(number, inputs, outputs, std::nullopt);
  }
  void run_samples(std::size_t number, ConstMatrixView<float> inputs, MatrixView<float> outputs,
                   std::uint64_t first) override {
    constexpr std::uint64_t most = std::uint64_t{1} << 37U;  // blocks of samples are counted in 32 bits
    if (first >= most)
      throw UsageError("the number of a sample is " + std::to_string(first) + ", where less than " +
                       std::to_string(most) + " is expected");
    run(number, inputs, outputs, first);
  }

  /// `first`: number of the first sample; without one, noise belongs to the time of the call.
  void run(std::size_t number, ConstMatrixView<float> inputs, MatrixView<float> outputs,
           std::optional<std::uint64_t> first) {
    Layer& layer = at(number);
    const platform::LayerPlan& plan = ports_[number].plan;
    require(
        inputs.cols() == plan.inputs() && outputs.cols() == plan.outputs() && inputs.rows() == outputs.rows(),
        "device: inputs [batch, in] and outputs [batch, out] of the layer");
    update_weights(number);
    shown_.resize(inputs.rows(), inputs.cols());
    const bool modulated = plan.modulate(process_, layer.truth, inputs, view(shown_));
    const ConstMatrixView<float> sent = modulated ? view(std::as_const(shown_)) : inputs;
    plan.transmit(view(std::as_const(layer.weights)), sent, outputs);
    add_noise(number, sent, outputs, first);
    ambient_.tick();
    ++calls_;
  }

  void vouch(platform::KnownSamples& samples) override { known_ = &samples; }

  void wait(double seconds) override {
    if (!(seconds >= 0) || !std::isfinite(seconds)) {
      throw UsageError("wait: expected a time of 0 s or more, found " + format_number(seconds));
    }
    ambient_.wait(seconds);
  }

  void catch_up(std::uint64_t calls, double waited_s) override {
    ambient_.wait(double(calls) * conditions_.dt_s);
    ambient_.wait(waited_s);
  }

  double read(std::string_view sensor) override {
    if (sensor != "temperature") {
      throw UsageError("sensor \"" + std::string(sensor) +
                       "\": a virtual device has one sensor, temperature");
    }
    return ambient_.reference_c() + ambient_.offset_k();
  }

  void impose(const Conditions& conditions) override {
    check_conditions(conditions, plans_);
    conditions_ = conditions;
    ambient_.restart(conditions);
    for (std::size_t number = 0; number < layers_.size(); ++number) {
      draw_offsets(number);
      drive(number);
    }
  }

 private:
  struct Layer {
    platform::Truth truth;
    std::unique_ptr<platform::TransferMap<float>> map;
    std::uint16_t chip_stream = 0;
    std::vector<float> requested, driven;  ///< controls as asked for, and as the source gives them
    std::vector<float> offset;             ///< of each control's response (nm, rad); empty if none
    Matrix<float> weights;
    double full_scale = 0;    ///< of its detectors
    platform::System system;  ///< at which `weights` were evaluated
    bool stale = true;        ///< controls or offsets have changed since
  };

  Layer& at(std::size_t number) {
    if (number >= layers_.size()) {
      throw UsageError("layer " + std::to_string(number) + ": the device has " +
                       std::to_string(layers_.size()) + " layer(s)");
    }
    return layers_[number];
  }

  void drive(std::size_t number) {
    Layer& layer = layers_[number];
    const platform::LayerPlan& plan = ports_[number].plan;
    const std::optional<double> bits =
        conditions_.dac_bits ? std::optional<double>(*conditions_.dac_bits) : std::nullopt;
    layer.driven.resize(layer.requested.size());
    platform::drive_layer(plan, plan.source(process_, bits), layer.requested, layer.driven);
    layer.stale = true;
  }

  void draw_offsets(std::size_t number) {
    Layer& layer = layers_[number];
    layer.offset =
        response_offsets(conditions_, ports_[number].plan, *layer.map, number,
                         {seed_, Purpose::detuning_noise, layer.chip_stream, index_, conditions_.draw});
  }

  void update_weights(std::size_t number) {
    Layer& layer = layers_[number];
    const platform::System system = conditions_.system_of(number, ambient_.offset_k());
    if (!layer.stale && system == layer.system) return;
    const platform::OperatingPoint<float> at{layer.driven, layer.offset, system};
    if (layer.stale) {
      layer.map->evaluate(at, view(layer.weights));
    } else {
      layer.map->evaluate_again(at, view(layer.weights));
    }
    layer.system = system;
    layer.stale = false;
  }

  void add_noise(std::size_t number, const ConstMatrixView<float>& inputs, MatrixView<float>& outputs,
                 std::optional<std::uint64_t> first) {
    const Layer& layer = layers_[number];
    const platform::LayerPlan& plan = ports_[number].plan;
    const platform::Call call{*layer.map,
                              {layer.driven, layer.offset, layer.system},
                              inputs,
                              layer.full_scale,
                              known_ != nullptr ? known_->sizes(inputs, plan) : nullptr};
    sigma_.resize(outputs.rows(), outputs.cols());
    if (!plan.readout_sigma(process_, conditions_.readout_noise, call, view(sigma_))) return;
    noise_.resize(std::size_t(outputs.size()));
    if (first) {
      fill_by_sample(number, *first, outputs.cols());
    } else {
      fill_normal({seed_, Purpose::readout_noise, std::uint16_t(number), index_, ambient_.time_index()},
                  noise_);
    }
    constexpr Index chunk = 16384;
    parallel_for(chunks_of(chunk, outputs.size()), [&](std::size_t c) {
      const Chunk part = chunk_of(c, chunk, outputs.size());
      for (Index k = part.begin; k < part.begin + part.count; ++k)
        outputs.data()[k] += sigma_.data()[k] * noise_[std::size_t(k)];
    });
  }

  /// Fills noise_, `outputs` numbers a sample, addressed by its number: one stream for every block of
  /// samples, apart from those of times by the highest bit of `stream`, and from those of other draws by the
  /// key.
  void fill_by_sample(std::size_t number, std::uint64_t first, Index outputs) {
    constexpr std::uint64_t block = 64;
    constexpr std::uint16_t by_sample = 0x8000;
    constexpr std::uint64_t odd =
        0x9e3779b97f4a7c15;  // an odd factor keeps the keys of different samples apart
    require(number < by_sample, "device: a layer's number leaves the highest bit");
    const std::uint64_t end = first + noise_.size() / std::size_t(outputs);
    const std::uint64_t first_block = first / block, blocks = (end + block - 1) / block - first_block;
    const auto numbers = std::size_t(block) * std::size_t(outputs);
    parallel_for(std::size_t(blocks), [&](std::size_t k) {
      const std::uint64_t begin = (first_block + k) * block;
      const Stream stream{seed_ + odd * conditions_.draw, Purpose::readout_noise,
                          std::uint16_t(number | by_sample), index_, std::uint32_t(first_block + k)};
      if (first <= begin && begin + block <= end)
        return fill_normal(
            stream, std::span(noise_).subspan(std::size_t(begin - first) * std::size_t(outputs), numbers));
      std::vector<float> all(numbers);  // a block of which this call needs some samples
      fill_normal(stream, all);
      const std::uint64_t from = std::max(first, begin), to = std::min(end, begin + block);
      std::copy(all.begin() + Index(from - begin) * outputs, all.begin() + Index(to - begin) * outputs,
                noise_.begin() + Index(from - first) * outputs);
    });
  }

  const platform::Process process_;
  const std::uint64_t seed_;
  const std::uint32_t index_;
  Ambient ambient_;
  Conditions conditions_;
  std::vector<platform::AnyPlan> plans_;
  std::vector<LayerPort> ports_;
  std::vector<Layer> layers_;
  std::vector<float> noise_;
  Matrix<float> shown_, sigma_;
  platform::KnownSamples* known_ = nullptr;
};

void check_index(const DeviceSet& set, std::size_t index) {
  if (index >= set.count) {
    throw UsageError("device " + std::to_string(index) + ": the set holds " + std::to_string(set.count) +
                     " device(s), numbered from 0");
  }
}

}  // namespace

std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index) {
  check_index(set, index);
  return std::make_unique<VirtualDevice>(
      set, index, set.process,
      [&](const ChipTruth& chip, const platform::LayerPlan&) { return chip.of(index); });
}

std::unique_ptr<Device> make_virtual_device(const DeviceSet& set, std::size_t index,
                                            const platform::Process& process) {
  check_index(set, index);
  return std::make_unique<VirtualDevice>(
      set, index, process, [&](const ChipTruth& chip, const platform::LayerPlan& plan) {
        return plan.draw_truth(process, {set.seed, int(set.purpose), chip.stream, std::uint32_t(index), 0});
      });
}

}  // namespace pnn::device
