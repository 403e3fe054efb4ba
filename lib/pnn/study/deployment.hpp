// Deploys trained parameters on a device or a model: sets controls, maps weights through the device's own
// model, trims, and evaluates under conditions.
#pragma once

#include <memory>

#include "pnn/device/virtual_device.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// The hardware that runs a network's physical layers under conditions: a device, or a model in its place.
class Chip : public network::PhysicalRunner {
 public:
  /// Imposes the conditions and sets the controls. `repeat` addresses random samples, together with the seed.
  virtual void prepare(const Surroundings& surroundings, std::span<const float> controls,
                       std::uint32_t repeat) = 0;
  [[nodiscard]] virtual std::uint64_t calls() const = 0;
};

/// A model in place of a device: it computes exactly what the model says, without noise or jitter.
std::unique_ptr<Chip> make_model_chip(const model::Model& model, std::size_t index, std::uint64_t seed);
/// A device. `index` is its number, which addresses random samples.
std::unique_ptr<Chip> make_device_chip(std::unique_ptr<device::Device> device, std::uint64_t seed,
                                       std::uint32_t index);

/// A set of parameters that is ready to run, as flat vectors.
struct Deployed {
  std::vector<float> controls, digital, state;
  double set_point_shift_k = 0;  ///< shift of the temperature set point that trimming found
  std::uint64_t trim_calls = 0;  ///< device calls that trimming took
};

/// How parameters are transferred to another device.
struct MapSettings {
  std::string map = "controls";  ///< controls | weights
  std::string trim = "none";     ///< none | temperature | gain | batchnorm
  int trim_samples = 500;        ///< training samples shown while trimming
  /// The statistics of batch normalisation. file: the running statistics of the training, or those that
  /// trimming measured; shown: those of each batch of evaluated samples, under the evaluated condition. The
  /// second exists for comparison with accuracies that were measured in this way; a deployed chip does not
  /// have these statistics.
  std::string statistics = "file";
  void describe(Options& options);
  /// Throws UsageError if the settings contradict each other or need models that are missing. `has_models`:
  /// whether models were given; `fine_tunes`: whether a fine-tuning uses them too.
  void check(bool has_models, bool fine_tunes) const;
};

/// The parameters as they were trained.
Deployed deploy(const train::Params& params, const network::Resolved& network);
/// --map weights: replaces the controls by those that give the trained weights on the device's own model
/// (platform::TransferMap::invert, which tells what each platform takes into account). Returns the largest
/// remaining error of a weight.
double map_weights(Deployed& deployed, const train::Params& params, const model::Model& device_model,
                   std::size_t index);
/// Trims what MapSettings::trim names, on `chip` under the conditions `surroundings`, with the first training
/// samples.
void trim_on_chip(Deployed& deployed, const std::string& what, const network::Resolved& network,
                  const train::Params& params, const network::Split& calibration, Chip& chip,
                  const Surroundings& surroundings);

}  // namespace pnn::study
