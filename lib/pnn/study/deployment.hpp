// Deploys trained parameters on a device or a model: sets controls, maps weights through the device's own
// model, and runs under conditions.
#pragma once

#include <memory>

#include "pnn/device/virtual_device.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/train/device_runner.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// Where the controls of each layer may be, also with noise on them; null: in the range of model or device.
using SharedBounds = std::shared_ptr<const std::vector<platform::ControlBounds>>;

/// The hardware that runs a network's physical layers under conditions: a device, or a model in its place.
/// Samples are numbered in the order in which they are shown after prepare().
class Chip final : public train::DeviceRunner {
 public:
  /// `seed` and `number` address the noise on the controls.
  Chip(std::unique_ptr<device::Device> device, std::uint64_t seed, std::uint32_t number,
       SharedBounds bounds = nullptr);
  /// Imposes the conditions and sets the controls. `repeat` addresses random samples, together with the seed.
  void prepare(const Surroundings& surroundings, std::span<const float> controls, std::uint32_t repeat);
  void run(std::size_t layer, ConstMatrixView<float> inputs, MatrixView<float> outputs) override;
  /// Says that these samples are finite and stay as they are (Device::vouch).
  void vouch(platform::KnownSamples& samples) { device_.vouch(samples); }
  [[nodiscard]] std::uint64_t calls() const { return device_.calls(); }

 protected:
  /// Adds noise to the controls, if there is any.
  void set_layer(std::size_t layer, std::span<const float> controls) override;

 private:
  std::unique_ptr<device::Device> own_;
  SharedBounds bounds_;
  std::uint64_t seed_;
  std::uint32_t number_, repeat_ = 0;
  double control_noise_ = 0;
  std::vector<std::uint64_t> shown_;  ///< samples that each layer got since the conditions began
};

/// A model in place of a device (study/model_device.hpp).
Chip model_chip(const model::Model& model, std::size_t index, std::uint64_t seed,
                SharedBounds bounds = nullptr);
/// A device. `index` is its number, which addresses random samples.
Chip device_chip(std::unique_ptr<device::Device> device, std::uint64_t seed, std::uint32_t index,
                 SharedBounds bounds = nullptr);

/// What an adjustment costs on a device.
struct Spent {
  std::uint64_t samples = 0;  ///< training samples shown, each time that one passes through the network
  std::uint64_t calls = 0;    ///< device calls
};

/// A set of parameters that is ready to run, as flat vectors.
struct Deployed {
  std::vector<float> controls, digital, state;
  SharedBounds bounds = nullptr;  ///< within which the controls are
  platform::HeaterUse heat = {};  ///< of the controls, at the nominal values of the hardware
  double set_point_shift_k = 0;   ///< shift of the temperature set point that trimming found
  Spent spent = {};               ///< on the device, until it is ready
};

/// The parameters as they were trained.
Deployed deploy(const train::Params& params, const network::Resolved& network);
/// --map weights: replaces the controls by those that give the trained weights on the device's own model
/// (platform::TransferMap::invert, which tells what each platform takes into account), within the bounds of
/// `deployed`. Returns the largest remaining error of a weight.
double map_weights(Deployed& deployed, const train::Params& params, const model::Model& device_model,
                   std::size_t index);

}  // namespace pnn::study
