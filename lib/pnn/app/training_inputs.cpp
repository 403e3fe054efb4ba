#include "pnn/app/training_inputs.hpp"

#include "pnn/app/model_remarks.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/training_data.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/train/sampled_chips.hpp"

namespace pnn::app {
namespace {

/// Tells where chips are sampled around other values than those of the model.
void warn_of_samples(const train::TrainSettings& settings, const model::Model& model, const std::string& name,
                     cli::Context& context) {
  if (!train::samples_beside_fit(settings, model)) return;
  context.warn(
      "chips are sampled around " + train::drawn_around(settings, model) + " in " + name +
      ", and accuracies of this training are those of the design; set the process of the model to what "
      "was measured (pnn-fit --set), or take a method that trains on the fit");
}

}  // namespace

void TrainingFiles::describe(Options& o) {
  o.positional_input("MODEL", model, "model to train on (pnn-fit)").required = true;
  o.input("data", data, "data set (pnn-data)").required = true;
  o.integer("index", index, "K", "which device of --device, and of a model file that holds several, from 0",
            Limits::non_negative());
  o.input(
      "init", init,
      "parameters to start from: of this network, or of the same network trained digitally (dense, conv)");
  describe_unfinished(o, take_unfinished);
  o.find("unfinished")->idle = [this] {
    return init.empty() ? "it is about --init, which is not given" : "";
  };
}

TrainingInputs read_training(const TrainingFiles& files, const io::DataParts& parts,
                             train::TrainSettings& settings, cli::Context& context) {
  TrainingInputs in;
  in.model = io::read_model(files.model);
  context.parent("model", in.model.filetype, in.model.hash, in.model.header);
  in.data = io::read_dataset(files.data, parts);
  context.parent("data", in.data.filetype, in.data.hash, in.data.header);
  const io::ModelFile& model = in.model.value;
  in.network = network::resolve(model.network, model.model.process);
  if (!in.data.value.targets.empty() && !context.asked("task")) settings.task = network::Task::regress;
  check_training_data(in.network, in.data.value, settings.task, files.data, files.model);
  check_training_options(in.network, context);
  return in;
}

void read_initial(TrainingInputs& in, const TrainingFiles& files, bool with_device, cli::Context& context) {
  const std::size_t models = in.model.value.model.devices();
  if (std::size_t(files.index) >= models && (models > 1 || !with_device)) {
    throw UsageError("--index: " + files.model + " holds " + std::to_string(models) +
                     " devices, numbered from 0; found " + std::to_string(files.index));
  }
  if (files.init.empty()) return;
  in.initial = read_trained(files.init, files.take_unfinished);
  context.parent("init", in.initial->filetype, in.initial->hash, in.initial->header);
  if (in.initial->value.network == in.network.spec)
    refuse_asked({"init-std", "init-flank"}, "--init gives the controls", context);
}

train::TrainInput train_input(const TrainingInputs& in, const TrainingFiles& files,
                              const train::TrainSettings& settings, const platform::BoundSettings& bounds,
                              const std::vector<std::string>& limits, cli::Context& context) {
  const model::Model& model = in.model.value.model;
  warn_of_samples(settings, model, files.model, context);
  train::TrainInput input{
      in.network, model,          model.devices() > 1 ? std::size_t(files.index) : 0, in.data.value,
      settings,   context.seed(), in.initial ? &in.initial->value : nullptr};
  input.bounds = model::control_bounds(model, input.model_index, bounds, limits);
  input.fixed = bounds.fixed;
  tell_bounds(model::control_bounds(model, input.model_index, {{}, bounds.extrapolate}), in.network.plans(),
              model.process, limits, bounds.fixed, context);
  if (in.initial && in.initial->value.network == in.network.spec)
    start_within_bounds(in.initial->value, in.network, input, context);
  if (bounds.extrapolate) tell_extrapolation(model::narrows_controls(model, input.model_index), context);
  tell_unmeasured(model, context);
  std::vector<std::string> perturbed;
  for (const std::string& text : settings.system.perturb) perturbed.push_back(text.substr(0, text.find('=')));
  tell_assumed(model, perturbed, context);
  return input;
}

}  // namespace pnn::app
