// What trainings read, and what their command lines say besides the settings of a training: model, data,
// parameters to start from, where controls may be.
#pragma once

#include <optional>
#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/train/loop.hpp"

namespace pnn::app {

/// The files of a training.
struct TrainingFiles {
  std::string model, data, init;
  int index = 0;
  bool take_unfinished = false;  ///< whether --init may be an unfinished training (app/resume)
  void describe(Options& o);
};

/// These files, read. A TrainInput refers to it, so that it stays where it is.
struct TrainingInputs {
  io::Read<io::ModelFile> model;
  io::Read<network::Dataset> data;
  network::Resolved network;
  std::optional<io::Read<train::Params>> initial;
};

/// Reads model and data (`parts` of it), registers them as parents, and checks them against each other and
/// the settings, whose task a data set with targets decides where nobody asked for another.
TrainingInputs read_training(const TrainingFiles& files, const io::DataParts& parts,
                             train::TrainSettings& settings, cli::Context& context);
/// Reads --init, if it was given, and registers it as a parent. Throws UsageError for an --index that the
/// model does not have; `with_device`: it may be that of a device.
void read_initial(TrainingInputs& inputs, const TrainingFiles& files, bool with_device,
                  cli::Context& context);

/// The training, with its bounds from the model, `bounds` and the owner's `limits`; tells what should be
/// known of the model, and warns where chips are sampled around other values than its own.
train::TrainInput train_input(const TrainingInputs& inputs, const TrainingFiles& files,
                              const train::TrainSettings& settings, const platform::BoundSettings& bounds,
                              const std::vector<std::string>& limits, cli::Context& context);

}  // namespace pnn::app
