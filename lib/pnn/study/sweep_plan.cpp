#include "pnn/study/sweep_plan.hpp"

#include <algorithm>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/study/comparison.hpp"

namespace pnn::study {
namespace {

/// What the data set holds of the samples whose outputs are kept, for each of `shape` cells.
void keep_pictures(const SweepInput& in, const network::SplitView& shown, std::vector<std::size_t> shape,
                   Result& r) {
  const network::Shape& s = in.data.shape;
  r.pictures = Array<float>({std::size_t(in.outputs), std::size_t(s.channels * (s.field ? 2 : 1)),
                             std::size_t(s.height), std::size_t(s.width)});
  std::copy_n(shown.x.data(), r.pictures.size(), r.pictures.data.begin());
  shape.push_back(std::size_t(in.outputs));
  shape.push_back(std::size_t(in.network.output().size()));
  r.outputs.shape = std::move(shape);
  if (r.targets.empty()) return;
  r.wanted = Array<float>({std::size_t(in.outputs), r.targets.size()});
  for (std::size_t k = 0; k < r.wanted.size(); ++k) {
    const network::Target& target = in.data.targets[k % r.targets.size()];
    r.wanted.data[k] = float(target.mean + target.scale * double(shown.targets.data()[k]));
  }
}

/// A method is a set of parameters, or one of several adjustments of it.
void name_methods(const SweepInput& in, Result& r) {
  for (std::size_t m = 0; m < in.methods(); ++m) {
    const std::string& label = in.params_of(m).label;
    r.deployments.push_back(in.adjustment_of(m).text());
    r.methods.push_back(in.adjustments.size() > 1 ? deployed_label(label, r.deployments[m]) : label);
  }
  const auto nothing = [](const Adjustment& adjustment) { return adjustment.trims.empty(); };
  if (std::all_of(in.adjustments.begin(), in.adjustments.end(), nothing)) r.deployments.clear();
}

/// The result without its numbers, of which there may be many: arrays that lay_out() fills have a shape
/// alone.
Result described(const SweepInput& in, const network::SplitView& shown) {
  Result r;
  r.tool = in.tool;
  r.dataset = in.data.name;
  r.network = in.network.spec.to_string();
  std::vector<std::size_t> shape{in.methods()};
  name_methods(in, r);
  for (const Axis& axis : in.axes) shape.push_back(axis.values.size());
  r.axes = in.axes;
  for (std::size_t index : in.target.indices)
    r.devices.push_back(in.target.has_devices() ? std::to_string(index) : "model " + std::to_string(index));
  r.repeats = in.repeats;
  shape.push_back(in.target.indices.size());
  shape.push_back(in.repeats);
  const network::TaskTraits& traits = network::traits_of(task_of(in));
  r.task = in.params[0]->task;
  r.loss.shape = shape;
  if (in.features != nullptr) r.frechet.shape = shape;
  if (in.finetuning.wanted()) r.diverged.shape = shape;
  if (!r.deployments.empty())
    for (Array<double>* cost : {&r.spent_samples, &r.spent_calls, &r.adjusted}) cost->shape = shape;
  if (traits.scored) r.score.shape = shape;
  if (traits.against == network::Against::targets) {
    for (const network::Target& target : in.data.targets) r.targets.push_back(target.name);
    r.rms_error.shape = shape;
    r.rms_error.shape.push_back(r.targets.size());
  }
  if (traits.against == network::Against::classes) {
    r.classes = in.data.classes;
    const auto n = std::size_t(in.network.output().size());
    r.confusion = Array<double>({in.methods(), n, n}, 0.0);
  }
  if (in.outputs > 0) keep_pictures(in, shown, shape, r);
  r.images = std::size_t(shown.size());
  r.shard = in.shard;
  r.shards = in.shards;
  for (Array<double>* heaters : {&r.power_mean_mw, &r.power_largest_mw, &r.energy_uj}) heaters->shape = shape;
  return r;
}

/// Throws UsageError where the names of methods would put together what differs.
void check_names(const SweepInput& in, const Result& r) {
  for (std::size_t m = 0; m < in.methods(); ++m)
    for (std::size_t other = 0; other < m && in.adjustments.size() > 1; ++other)
      if (r.methods[m] == r.methods[other] && in.params_of(m).label != in.params_of(other).label)
        throw UsageError("--trim: \"" + r.methods[m] +
                         "\" is the label of one training and the column of another; give other labels");
}

/// No more training samples than the steps of a fine-tuning show; none without one.
network::DatasetView lessons_of(const SweepInput& in) {
  if (!in.finetuning.wanted()) return {};
  const train::TrainSettings& s = in.finetuning.train;
  const auto shown =
      std::min(std::uint64_t(in.data.train.size()), s.length.steps * std::uint64_t(s.updates.batch));
  return network::DatasetView(network::first_samples(in.data.train, Index(shown)));
}

}  // namespace

std::size_t numbers_in(const std::vector<std::size_t>& shape) {
  std::size_t count = shape.empty() ? 0 : 1;
  for (const std::size_t size : shape) count *= size;
  return count;
}

/// Memory that lay_out() takes.
std::uint64_t numbers_bytes(const Result& r) {
  std::size_t doubles = 0;
  for (const auto array : evaluated) doubles += numbers_in((r.*array).shape);
  return std::uint64_t(doubles) * sizeof(double) + std::uint64_t(numbers_in(r.outputs.shape)) * sizeof(float);
}

Work plan(const SweepInput& in) {
  check_axes(in.axes);
  check_drawn(in);
  const network::SplitView shown =
      network::first_samples(in.validation ? in.data.validation : in.data.test, in.images);
  const network::SplitView calibration = network::first_samples(in.data.train, in.mapping.trim_samples);
  check_samples(in, shown);
  Result result = described(in, shown);
  check_names(in, result);
  if (in.previous != nullptr) check_previous(*in.previous, result);
  Grid grid(in);
  check_outputs(in, grid);
  check_conditions(in);
  check_processes(in);
  std::optional<Gaussian> pictures;
  if (in.features != nullptr) pictures = in.features->gaussian(shown.x);
  if (task_of(in) != network::Task::generate)
    return {{}, {}, shown, calibration, lessons_of(in), grid, pictures, std::move(result)};
  std::optional<network::LatentSplit> latents(network::latent_split(shown, in.network.input.size())),
      latent_calibration(network::latent_split(calibration, in.network.input.size()));
  const network::SplitView made(*latents), trimmed(*latent_calibration);  // of memory that moves along
  return {std::move(latents), std::move(latent_calibration), made, trimmed, lessons_of(in), grid, pictures,
          std::move(result)};
}

}  // namespace pnn::study
