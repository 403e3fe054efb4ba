// What pnn-eval, pnn-transfer and pnn-perturb share: reading parameters, data and target, checking that they
// belong together, and the table that compares methods.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/train/settings.hpp"
#include "tools/common.hpp"
#include "tools/device_source.hpp"

namespace pnn::tools {

/// Inputs of an evaluation, kept alive while a sweep refers to them.
struct Evaluation {
  std::vector<io::Read<train::Params>> params;
  io::Read<network::Dataset> data;
  std::optional<DeviceSource> devices;
  std::optional<io::Read<io::ModelFile>> model, device_models;
  network::Resolved network;
  std::optional<study::FeatureSpace> features;  ///< in which pictures are compared
  [[nodiscard]] const platform::Process& process() const {
    return devices ? devices->process() : model->value.model.process;
  }
  /// Numbers of the devices of the target.
  [[nodiscard]] std::vector<std::size_t> numbers() const {
    if (devices) return devices->numbers();
    std::vector<std::size_t> all(model->value.model.devices());
    for (std::size_t k = 0; k < all.size(); ++k) all[k] = k;
    return all;
  }
};

/// Reads everything and registers it as parents. `target` is a device file, a driver, or a model file.
inline Evaluation load_evaluation(const std::vector<std::string>& params, const std::string& data,
                                  const std::string& target, const device::DriverSettings& driver,
                                  const std::string& models, cli::Context& context) {
  Evaluation e;
  for (const std::string& path : params) {
    e.params.push_back(io::read_params(path));
    const auto& read = e.params.back();
    context.parent("params", read.filetype, read.hash, read.header);
    if (!(read.value.network == e.params.front().value.network)) {
      throw InputError(path + ": another network than that of " + params.front() +
                       "; methods are compared on one network");
    }
  }
  e.data = io::read_dataset(data);
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
  if (!models.empty()) {
    e.device_models = io::read_model(models);
    context.parent("models", e.device_models->filetype, e.device_models->hash, e.device_models->header);
  }
  e.network = tools::resolve(first.network, e.process());
  return e;
}

/// Reads the classifier of --features, if one is named, and registers it as a parent.
inline void load_features(Evaluation& e, const std::string& path, cli::Context& context) {
  if (path.empty()) return;
  const auto read = io::read_params(path);
  context.parent("features", read.filetype, read.hash, read.header);
  e.features.emplace(read.value, path);
}

/// A sweep over `e` with nothing set but its inputs.
inline study::SweepInput sweep_input(const Evaluation& e, const std::string& tool,
                                     std::vector<std::size_t> indices, std::uint64_t seed) {
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

/// Which samples of the data set are shown, and what of the outputs is looked at besides the loss.
struct SampleSettings {
  std::string split = "test", features;
  int images = 0, outputs = 0;
  void describe(Options& o) {
    o.choice("split", split, {"test", "validation"},
             "samples shown: test for what is reported, validation for what is chosen by it");
    o.integer("images", images, "N", "samples shown, the first of the split; 0 is all",
              Limits::non_negative());
    o.input(
        "features", features,
        "params of a digital classifier of the data's pictures: also the squared Fréchet distance between "
        "the outputs of an autoencoder or a generator and the pictures, on what its last matrix reads "
        "(pnn-fit --preset digital-classifier --model nominal -o digital.h5; pnn-train digital.h5 --data … "
        "-o "
        "classifier.h5)");
    o.integer("outputs", outputs, "N", "keep the outputs for the first N samples in the result",
              Limits::non_negative());
  }
};

/// What an evaluation asks of conditions, mapping and samples, put into the sweep.
inline void configure(study::SweepInput& in, const study::ConditionSettings& conditions,
                      const study::MapSettings& mapping, const SampleSettings& samples) {
  in.mapping = mapping;
  in.mapping.check(in.device_models != nullptr, in.finetuning.wanted());
  in.surroundings = conditions.surroundings(platform::layer_names(in.network.plans()));
  in.validation = samples.split == "validation";
  in.images = samples.images;
  in.outputs = samples.outputs;
}

/// Mean over devices and repeats at each condition of each method, flat as [method, condition].
struct Spread {
  std::vector<double> mean, deviation, worst;
  std::vector<double> growth;  ///< mean over that of the undisturbed condition; NaN where there is none
  std::vector<std::string> cells;
};

/// `classify`: numbers are fractions, the more the better; otherwise errors.
inline Spread spread_of(const study::Result& r, const Array<double>& numbers, bool classify) {
  const std::size_t inner = r.devices.size() * r.repeats, methods = r.methods.size();
  const std::size_t conditions = numbers.size() / (methods * inner);
  const auto undisturbed = study::undisturbed_condition(r.axes);
  const double factor = classify ? 100 : 1;
  const int digits = classify ? 3 : 4;
  Spread spread;
  std::vector<std::size_t> counts;
  for (std::size_t k = 0; k < methods * conditions; ++k) {
    const study::Summary s = study::summarise(std::span(numbers.data).subspan(k * inner, inner));
    spread.mean.push_back(s.mean);
    spread.deviation.push_back(s.deviation);
    spread.worst.push_back(classify ? s.worst : s.best);
    counts.push_back(s.count);
  }
  for (std::size_t k = 0; k < methods * conditions; ++k) {
    const std::size_t clean = k / conditions * conditions + undisturbed.value_or(0);
    const bool grows = undisturbed && counts[k] > 0 && counts[clean] > 0 && spread.mean[clean] > 0;
    spread.growth.push_back(grows ? spread.mean[k] / spread.mean[clean]
                                  : std::numeric_limits<double>::quiet_NaN());
    std::string cell = counts[k] == 0 ? "-" : format_short(factor * spread.mean[k], digits);
    if (counts[k] > 1)
      cell += " ± " + format_short(factor * spread.deviation[k], 2) + " (" +
              format_short(factor * spread.worst[k], digits) + ")";
    if (!classify && grows && k != clean) cell += " ×" + format_short(spread.growth[k], 3);
    spread.cells.push_back(cell);
  }
  return spread;
}

/// Table and JSON of a result: one row a condition, mean ± spread and worst over devices and repeats, a
/// column a method (two where pictures are compared).
inline void report_result(const study::Result& r, cli::Report& report) {
  const bool classify = !r.accuracy.data.empty(), pictures = !r.frechet.data.empty();
  const std::string what = classify ? "accuracy in %" : train::loss_name(train::parse_task(r.task));
  report.headline(what + (pictures ? " and squared Fréchet distance F" : "") + ", mean ± spread (worst)" +
                  (!classify && study::undisturbed_condition(r.axes) ? ", × the undisturbed," : "") +
                  " over " + std::to_string(r.devices.size()) +
                  (r.devices.size() == 1 ? " device" : " devices") +
                  (r.repeats > 1 ? " and " + std::to_string(r.repeats) + " repeats" : "") + ", " +
                  std::to_string(r.images) + " samples");
  std::vector<std::string> titles;
  for (const auto& axis : r.axes) titles.push_back(axis.name + (axis.unit == "1" ? "" : " / " + axis.unit));
  if (r.axes.empty()) titles.emplace_back("");
  for (const auto& method : r.methods) {
    titles.push_back(method);
    if (pictures) titles.push_back(method + ", F");
  }
  report.columns(titles);
  const Spread numbers = spread_of(r, classify ? r.accuracy : r.loss, classify);
  const Spread distances = pictures ? spread_of(r, r.frechet, false) : Spread{};
  const std::size_t methods = r.methods.size(), conditions = numbers.mean.size() / methods;
  for (std::size_t c = 0; c < conditions; ++c) {
    std::vector<std::string> row(std::max<std::size_t>(1, r.axes.size()));
    std::size_t flat = c;
    for (std::size_t a = r.axes.size(); a-- > 0;) {
      row[a] = format_short(r.axes[a].values[flat % r.axes[a].values.size()], 6);
      flat /= r.axes[a].values.size();
    }
    for (std::size_t m = 0; m < methods; ++m) {
      row.push_back(numbers.cells[m * conditions + c]);
      if (pictures) row.push_back(distances.cells[m * conditions + c]);
    }
    report.row(row);
  }
  report.value("methods", r.methods);
  for (const auto& axis : r.axes) report.value("axis " + axis.name, axis.values);
  report.value("devices", r.devices);
  report.value("images", std::int64_t(r.images));
  const auto tell = [&](const std::string& name, const Spread& spread) {
    report.value(name + "_mean", spread.mean);
    report.value(name + "_deviation", spread.deviation);
    report.value(name + "_worst", spread.worst);
  };
  tell(classify ? "accuracy" : "error", numbers);
  if (!classify) report.value("error_growth", numbers.growth);
  if (pictures) {
    tell("frechet", distances);
    report.value("frechet_growth", distances.growth);
  }
  report.value("heater_power_mw", r.power_mw.data);
}

}  // namespace pnn::tools
