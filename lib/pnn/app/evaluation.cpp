#include "pnn/app/evaluation.hpp"

#include <algorithm>
#include <utility>

#include "pnn/app/labels.hpp"
#include "pnn/app/model_remarks.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/training_data.hpp"
#include "pnn/core/errors.hpp"

namespace pnn::app {

void SampleSettings::describe(Options& o) {
  o.choice("split", split, "samples shown: test for what is reported, validation for what is chosen by it");
  o.integer("images", images, "N", "samples shown, the first of the split; 0 is all", Limits::non_negative());
  o.input("features", features,
          "params of a digital classifier of the data's pictures: also the squared Fréchet distance between "
          "the outputs of an autoencoder or a generator and the pictures, on what its last matrix reads "
          "(pnn-fit --preset digital-classifier --model nominal -o digital.h5; pnn-train digital.h5 --data … "
          "-o classifier.h5)");
  o.integer("outputs", outputs, "N", "keep the outputs for the first N samples in the result",
            Limits::non_negative());
}

const platform::Process& Evaluation::process() const {
  return devices ? devices->process() : model->value.model.process;
}

std::vector<std::size_t> Evaluation::numbers() const {
  if (devices) return devices->numbers();
  std::vector<std::size_t> all(model->value.model.devices());
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
  return all;
}

io::DataParts parts_of(Samples split, bool training) {
  return {training, split == Samples::validation, split == Samples::test};
}

Evaluation load_evaluation(const std::vector<std::string>& params, const std::string& data,
                           const io::DataParts& parts, const std::string& target,
                           const device::DriverSettings& driver, const std::string& models,
                           cli::Context& context, bool take_unfinished) {
  Evaluation e;
  e.take_unfinished = take_unfinished;
  for (const std::string& path : params) {
    e.params.push_back(read_trained(path, take_unfinished));
    const auto& read = e.params.back();
    context.parent("params", read.filetype, read.hash, read.header);
    if (!(read.value.network == e.params.front().value.network)) {
      throw InputError(path + ": another network than that of " + params.front() +
                       "; methods are compared on one network");
    }
  }
  std::vector<Training> trainings;
  for (const auto& read : e.params) trainings.push_back({read.value.label, read.header});
  for (const std::string& remark : mixed_labels(trainings)) context.warn(remark);
  e.data = io::read_dataset(data, parts);
  context.parent("data", e.data.filetype, e.data.hash, e.data.header);
  const train::Params& first = e.params.front().value;
  if (!device::is_driver(target) && io::filetype_of(target) == "model") {
    e.model = io::read_model(target);
    context.parent("target", e.model->filetype, e.model->hash, e.model->header);
    const network::NetworkSpec& network = e.model->value.network;
    if (!(network == first.network))
      throw InputError(target + ": made for another network (" + network.to_string() +
                       ") than the parameters (" + first.network.to_string() + ")");
  } else {
    e.devices.emplace(target, driver, "target", first.network, first.process, context);
  }
  if (e.model) refuse_asked({"environment", "dt", "slew"}, target + " is a model, and no device", context);
  if (!models.empty()) {
    e.device_models = io::read_model(models);
    context.parent("models", e.device_models->filetype, e.device_models->hash, e.device_models->header);
  }
  e.network = network::resolve(first.network, e.process());
  return e;
}

void load_features(Evaluation& e, const std::string& path, cli::Context& context) {
  if (path.empty()) return;
  const auto read = read_trained(path, e.take_unfinished);
  context.parent("features", read.filetype, read.hash, read.header);
  e.features.emplace(read.value, path);
}

study::SweepInput sweep_input(const Evaluation& e, const std::string& tool, std::vector<std::size_t> indices,
                              std::uint64_t seed) {
  study::SweepInput in{.tool = tool, .network = e.network, .data = e.data.value, .seed = seed};
  for (const auto& p : e.params) in.params.push_back(&p.value);
  if (e.devices) {
    in.target.devices = e.devices->set();
    if (in.target.devices == nullptr)
      in.target.bench = [&source = *e.devices](std::size_t number) { return source.open(number); };
    in.target.guard = e.devices->guard();
    in.target.tally = e.devices->tally();
  } else {
    in.target.model = &e.model->value.model;
  }
  in.target.indices = std::move(indices);
  in.features = e.features ? &*e.features : nullptr;
  in.device_models = e.device_models ? &e.device_models->value.model : nullptr;
  std::vector<std::size_t> known = e.numbers();
  if (in.target.bench && known.size() == 1 && in.target.indices == std::vector<std::size_t>{0})
    in.target.indices = known;
  std::sort(known.begin(), known.end());  // there may be a million
  for (const std::size_t index : in.target.indices) {
    if (!std::binary_search(known.begin(), known.end(), index))
      throw UsageError("--index: there are " + std::to_string(known.size()) + " devices, numbered from " +
                       std::to_string(known.front()) + "; found " + std::to_string(index));
  }
  return in;
}

void configure(study::SweepInput& in, const study::ConditionSettings& conditions,
               const study::MapSettings& mapping, const SampleSettings& samples) {
  in.mapping = mapping;
  in.mapping.check(in.device_models != nullptr, in.finetuning.wanted());
  in.adjustments = in.mapping.adjustments(in.finetuning.wanted());
  in.surroundings = conditions.surroundings(in.network.plans(), in.runs_on());
  in.validation = samples.split == Samples::validation;
  in.images = samples.images;
  in.outputs = samples.outputs;
}

void bound_controls(study::SweepInput& in, const Evaluation& e, const platform::BoundSettings& bounds,
                    const std::vector<std::string>& limits, const study::ConditionSettings& conditions,
                    cli::Context& context) {
  in.bounds = bounds;
  in.limits = limits;
  const auto& of_device = e.device_models;
  if (bounds.extrapolate) {
    bool measured = std::any_of(in.params.begin(), in.params.end(),
                                [](const train::Params* p) { return !p->bounds.empty(); });
    for (const std::size_t index : in.target.indices) {
      if (e.model) measured = measured || model::narrows_controls(e.model->value.model, index);
      if (of_device)
        measured = measured || model::narrows_controls(of_device->value.model,
                                                       of_device->value.model.devices() > 1 ? index : 0);
    }
    tell_extrapolation(measured, context);
  }
  if (!in.params.empty() && !in.target.indices.empty()) {
    study::SweepInput without = in;
    without.limits.clear(), without.bounds.fixed.clear();
    const train::Params& first = *in.params.front();
    tell_bounds(study::deployment_bounds(without, first, in.target.indices.front()), in.network.plans(),
                first.process, limits, bounds.fixed, context);
  }
  std::vector<std::string> varied;
  for (const study::Axis& axis : in.axes) varied.push_back(axis.name);
  for (const std::string& text : conditions.set) varied.push_back(text.substr(0, text.find('=')));
  if (e.model) {
    tell_unmeasured(e.model->value.model, context);
    tell_assumed(e.model->value.model, varied, context);
  }
  if (of_device) tell_unmeasured(of_device->value.model, context);
}

void report_held(std::uint64_t held_controls, cli::Context& context) {
  if (held_controls > 0)
    context.warn(
        "controls that were held at an end of what was measured, of --limits or of the process, or "
        "at --fix: " +
        std::to_string(held_controls));
  context.report().value("held_controls", std::int64_t(held_controls));
}

}  // namespace pnn::app
