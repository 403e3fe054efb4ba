// Which sweeps cannot be: samples, pictures and earlier results that do not fit.
#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/sweep_plan.hpp"
#include "pnn/train/extent.hpp"

namespace pnn::study {
namespace {

/// Parameters give (value − mean)/scale of the targets that they were trained on.
void check_targets(const SweepInput& in, const train::Params& params, const std::string& where) {
  if (params.targets == in.data.targets) return;
  const auto told = [](const std::vector<network::Target>& targets) {
    std::vector<std::string> words;
    for (const network::Target& t : targets)
      words.push_back(t.name + " (" + format_short(t.mean, 6) + " + " + format_short(t.scale, 6) +
                      " times an output)");
    return join(words, ", ");
  };
  throw InputError(
      params.label + ": trained on the targets " + told(params.targets) + ", and those of " + where +
      " are " + told(in.data.targets) +
      "; make it of the same training samples, with others for the test (pnn-data csv --test), or "
      "both with --scale-targets none");
}

/// The process of the devices, with the largest value of each axis along it.
platform::Process widest_process(const SweepInput& in) {
  platform::Process process;
  if (in.target.devices != nullptr) process = in.target.devices->process;
  for (const Axis& axis : in.axes)
    if (is_of_process(axis) && !axis.values.empty())
      platform::set_process_value(process, axis.name,
                                  *std::max_element(axis.values.begin(), axis.values.end()));
  return process;
}

/// An adjustment that is made anew needs something that changes.
void check_times_of_adjustments(const SweepInput& in) {
  const auto is_condition = [](const Axis& axis) { return !is_of_process(axis); };
  const bool changes = in.repeats > 1 || std::any_of(in.axes.begin(), in.axes.end(), is_condition);
  for (const Adjustment& adjustment : in.adjustments) {
    if (adjustment.when == Adjustment::When::periodically && !time_axis(in))
      throw UsageError(
          "--recalibrate: a time is one along a drift; give pnn-perturb a --trace, or take always");
    if (adjustment.when == Adjustment::When::always && !changes)
      throw UsageError("--recalibrate always: acts on nothing here; no condition changes (--vary, --repeat)");
  }
}

void check_inputs(const SweepInput& in, const network::SplitView& shown) {
  require(!in.params.empty() && !in.target.indices.empty(), "a sweep has methods and devices");
  if (!in.target.has_devices() && in.surroundings.device.environment == device::Environment::free)
    throw UsageError("--environment free: a model stands in no room; make devices with pnn-fabricate");
  const bool normalised = train::has_statistics(in.network);
  const std::vector<network::Layer>& layers = in.network.layers;
  if (in.mapping.statistics == NormalizedBy::shown && !normalised)
    throw UsageError("--statistics shown: this network has no batch normalisation");
  const platform::Process process = widest_process(in);
  for (const Axis& axis : in.axes)
    check_axis(axis, in.network.plans(), process, in.surroundings.device, in.runs_on());
  const auto gains = [](const network::Layer& layer) { return layer.kind == network::Kind::gain; };
  const bool scaled = std::any_of(layers.begin(), layers.end(), gains);
  for (const Adjustment& adjustment : in.adjustments) {
    if (adjustment.does(Trim::temperature))
      check_effect("temperature", in.network.plans(), in.surroundings.device, in.runs_on(), "--trim");
    if (adjustment.does(Trim::batchnorm) && !normalised)
      throw UsageError("--trim batchnorm: this network has no batch normalisation; take gain or temperature");
    if (adjustment.does(Trim::gain) && !normalised && !scaled)
      throw UsageError("--trim gain: no layer of this network has a gain or a batch normalisation to adjust");
    if (adjustment.does(Trim::gain) && adjustment.does(Trim::batchnorm) && !scaled)
      throw UsageError(
          "--trim gain,batchnorm: the gain would move statistics alone, which batchnorm replaces; take one");
  }
  require(!in.finetuning.wanted() || std::any_of(in.adjustments.begin(), in.adjustments.end(),
                                                 [](const Adjustment& a) { return a.finetunes(); }),
          "a fine-tuning that is described is one of the adjustments");
  check_times_of_adjustments(in);
  if (shown.size() == 0) {
    throw InputError(std::string("the data set has no ") + (in.validation ? "validation" : "test") +
                     " samples; make one with pnn-data that has");
  }
  check_task(in, shown, "the data set");
  const network::Task task = task_of(in);
  if (task != network::Task::generate &&
      (shown.x.cols() != in.network.input.size() || in.data.shape.field != in.network.input.field)) {
    throw InputError("the data set has inputs " + in.data.shape.to_string() + " but the network takes " +
                     in.network.input.to_string());
  }
  if (task != network::Task::generate) network::check_signs(in.network, shown, "the data set");
}

void check_pictures(const SweepInput& in, const network::SplitView& shown) {
  if (in.outputs > shown.size())
    throw UsageError("--outputs " + std::to_string(in.outputs) + ": " + std::to_string(shown.size()) +
                     " samples are shown");
  if (in.features == nullptr) return;
  if (network::traits_of(task_of(in)).against != network::Against::inputs)
    throw UsageError("--features: compares pictures, and these parameters were trained to " +
                     word_of(task_of(in)));
  const Index pictures = in.features->pictures().size();
  if (pictures != shown.x.cols())
    throw InputError("--features: the classifier reads pictures of " + std::to_string(pictures) +
                     " numbers, those of the data set have " + std::to_string(shown.x.cols()));
  if (shown.size() < 2) throw UsageError("--features: a distribution takes two samples or more");
}

}  // namespace

void check_task(const SweepInput& in, const network::SplitView& shown, const std::string& where) {
  const network::Task task = task_of(in);
  const bool targets = network::traits_of(task).against == network::Against::targets;
  for (const train::Params* p : in.params) {
    if (p->task != task)
      throw InputError("parameters of different tasks cannot be compared: " + word_of(task) + " and " +
                       word_of(p->task));
    if (targets && !in.data.targets.empty()) check_targets(in, *p, where);
  }
  const network::Needed needed = network::outputs_for(task, in.data, in.network.input.size(), where);
  const Index outputs = in.network.output().size();
  // a data set may lack some of the classes of a network
  const bool classes = network::traits_of(task).against == network::Against::classes;
  if (classes ? needed.outputs > outputs : needed.outputs != outputs)
    throw InputError(where + ": " + needed.what + " but the network has " + std::to_string(outputs) +
                     " outputs");
  network::check_scored(task, shown, where);
}

void check_samples(const SweepInput& in, const network::SplitView& shown) {
  check_inputs(in, shown);
  check_pictures(in, shown);
}

void check_previous(const Result& previous, const Result& r) {
  // An unsharded run may continue from a shard's result; a shard may not contain cells of other shards.
  const bool part_of_it = r.shards == 1 || (previous.shards == r.shards && previous.shard == r.shard);
  if (!part_of_it || previous.loss.shape != r.loss.shape || previous.frechet.shape != r.frechet.shape ||
      previous.diverged.shape != r.diverged.shape || previous.outputs.shape != r.outputs.shape ||
      previous.methods != r.methods || previous.devices != r.devices || previous.images != r.images) {
    throw InputError(
        "--resume: the file holds another sweep; resume with the options that it was started with");
  }
}

void check_outputs(const SweepInput& in, const Grid& grid) {
  constexpr double largest = 68'719'476'736.0;  // the largest dataset in bytes that a reader accepts
  const double kept = double(grid.cells()) * double(in.outputs) * double(in.network.output().size());
  if (kept * sizeof(float) > largest)
    throw UsageError("--outputs " + std::to_string(in.outputs) + ": " + format_short(kept, 4) +
                     " numbers, more than the 64 GiB that a result holds; keep fewer");
}

}  // namespace pnn::study
