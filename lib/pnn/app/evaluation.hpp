// The inputs of an evaluation: trained parameters, data and a target, read and checked against each other.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "pnn/app/device_source.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::app {

/// Samples of a data set on which networks are evaluated.
enum class Samples { test, validation };
constexpr auto words_of(Samples) {
  return std::to_array<Word<Samples>>({{Samples::test, "test"}, {Samples::validation, "validation"}});
}

/// Which samples of the data set are used, and what is evaluated besides the loss.
struct SampleSettings {
  Samples split = Samples::test;
  std::string features;
  int images = 0, outputs = 0;
  void describe(Options& o);
};

/// The parts of a data set that are read for these samples; the training part to trim, or to train with.
io::DataParts parts_of(Samples split, bool training);

/// Inputs of an evaluation, which must stay alive while a sweep refers to them.
struct Evaluation {
  std::vector<io::Read<train::Params>> params;
  io::Read<network::Dataset> data;
  std::optional<DeviceSource> devices;  ///< the target, unless it is `model`
  std::optional<io::Read<io::ModelFile>> model, device_models;
  network::Resolved network;
  std::optional<study::FeatureSpace> features;  ///< features on which pictures are compared
  bool take_unfinished = false;                 ///< whether unfinished trainings are taken (app/resume)
  [[nodiscard]] const platform::Process& process() const;
  /// Numbers of the devices of the target.
  [[nodiscard]] std::vector<std::size_t> numbers() const;
};

/// Reads all inputs and registers them as parents. `target` is a device file, a driver, or a model file;
/// `models` those of --map weights, or empty; `parts` of the data set are read (parts_of). Warns of trainings
/// with the same label and different settings (app/labels.hpp). Throws InputError if parameters or target
/// have another network than the first parameters, or unless `take_unfinished` if a training is unfinished.
Evaluation load_evaluation(const std::vector<std::string>& params, const std::string& data,
                           const io::DataParts& parts, const std::string& target,
                           const device::DriverSettings& driver, const std::string& models,
                           cli::Context& context, bool take_unfinished = false);

/// Reads the classifier of --features, if there is one, and registers it as a parent.
void load_features(Evaluation& e, const std::string& path, cli::Context& context);

/// A sweep over `e` with its inputs alone. `indices`: numbers of the devices to evaluate; for a bench with
/// one device, 0 means this one too. Throws UsageError for a number that the target does not have.
study::SweepInput sweep_input(const Evaluation& e, const std::string& tool, std::vector<std::size_t> indices,
                              std::uint64_t seed);

/// Writes conditions, mapping and samples to the sweep.
void configure(study::SweepInput& in, const study::ConditionSettings& conditions,
               const study::MapSettings& mapping, const SampleSettings& samples);

/// Writes to the sweep where controls may be, and tells what a user should know of that: a model that does
/// not say where it was measured, controls that may leave what was measured, and values of models that nobody
/// measured and on which the conditions lean. Call it when axes and conditions are known. Throws UsageError
/// if nothing was measured that --extrapolate could leave.
void bound_controls(study::SweepInput& in, const Evaluation& e, const platform::BoundSettings& bounds,
                    const std::vector<std::string>& limits, const study::ConditionSettings& conditions,
                    cli::Context& context);
/// Tells how many controls were moved into their bounds.
void report_held(std::uint64_t held_controls, cli::Context& context);

}  // namespace pnn::app
