// A trained network on something that computes with it: a model, or a device. Setting it up (controls,
// mapping weights through the device's own model, trimming) and evaluating it under conditions.
#pragma once

#include <memory>

#include "pnn/device/virtual_device.hpp"
#include "pnn/model/model.hpp"
#include "pnn/network/dataset.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// Runs the physical products of a network under conditions; `device` is null for a model.
class Chip : public network::PhysicalRunner {
 public:
  /// Imposes the conditions and sets the controls. `repeat` and `seed` address draws.
  virtual void prepare(const Surroundings& surroundings, std::span<const float> controls,
                       std::uint32_t repeat) = 0;
  [[nodiscard]] virtual std::uint64_t calls() const = 0;
};

/// A model that stands for a device made exactly as it says: no noise, no jitter.
std::unique_ptr<Chip> make_model_chip(const model::Model& model, std::size_t index, std::uint64_t seed);
/// A device behind its lab interface.
std::unique_ptr<Chip> make_device_chip(std::unique_ptr<device::Device> device, std::uint64_t seed,
                                       std::uint32_t index);

/// One set of parameters ready to run: flat vectors.
struct Deployed {
  std::vector<float> controls, digital, state;
  double set_point_shift_k = 0;  ///< from trimming the temperature
  std::uint64_t trim_calls = 0;  ///< device calls that trimming took
};

/// How parameters reach another device.
struct MapSettings {
  std::string map = "controls";  ///< controls | weights
  std::string trim = "none";     ///< none | temperature | gain | batchnorm
  int trim_samples = 500;        ///< training samples shown while trimming
  /// What a batchnorm normalises with: file, the running statistics that training left (or a trim); shown,
  /// those of each batch of the samples that are shown, under the condition that is evaluated. The second is
  /// for comparison with accuracies that were measured so; no deployed chip has these statistics.
  std::string statistics = "file";
  void describe(Options& options);
  /// Throws UsageError where the settings contradict each other or miss the models that they need.
  /// `fine_tunes`: whether models serve a fine-tuning too.
  void check(bool has_models, bool fine_tunes) const;
};

/// Parameters as trained.
Deployed deploy(const train::Params& params, const network::Resolved& network);
/// --map weights: controls that give the trained weights on the device's own model: rings one by one, a mesh
/// by a decomposition of its matrix, which static phases and known splitter errors of the model enter.
/// Returns the largest error left.
double map_weights(Deployed& deployed, const train::Params& params, const model::Model& device_model,
                   std::size_t index);
/// Trims with `chip` under `surroundings` on the first training samples; see MapSettings.
void trim_on_chip(Deployed& deployed, const std::string& what, const network::Resolved& network,
                  const train::Params& params, const network::Split& calibration, Chip& chip,
                  const Surroundings& surroundings);

}  // namespace pnn::study
