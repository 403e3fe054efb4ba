// What pnn-eval, pnn-transfer and pnn-perturb share: reading parameters, data and target, checking that they
// belong together, and the table that compares methods.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/comparison.hpp"
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

/// Settings of a training, word by word, but for those that trainings of one method may differ in.
inline std::vector<std::string> settings_of_method(const Provenance& header) {
  std::vector<std::string> words = split(header.command, ' ');
  std::erase_if(
      words, [](const std::string& word) { return word.starts_with("seed=") || word.starts_with("index="); });
  return words;
}

/// Trainings that share a label count as one method: warns where they differ by more than their seed.
inline void warn_of_other_settings(const Evaluation& e, cli::Context& context) {
  std::vector<std::string> warned;
  for (std::size_t k = 0; k < e.params.size(); ++k) {
    const std::string& label = e.params[k].value.label;
    const auto first =
        std::find_if(e.params.begin(), e.params.end(), [&](const auto& p) { return p.value.label == label; });
    const std::vector<std::string> ours = settings_of_method(e.params[k].header),
                                   theirs = settings_of_method(first->header);
    if (ours == theirs || std::find(warned.begin(), warned.end(), label) != warned.end()) continue;
    warned.push_back(label);
    const auto other = std::find_if(ours.begin(), ours.end(), [&](const std::string& word) {
      return std::find(theirs.begin(), theirs.end(), word) == theirs.end();
    });
    context.warn("trainings of the label \"" + label + "\" differ in their settings" +
                 (other == ours.end() ? "" : " (" + *other + ")") +
                 " and count as one method; give each method a --label of its own");
  }
}

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
  warn_of_other_settings(e, context);
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

/// What a table says of each method at each condition, flat as [method, condition].
struct Comparison {
  std::vector<double> mean, error, spread, worst;
  std::vector<double> growth;  ///< mean over that of the undisturbed condition; NaN where there is none
  std::vector<double> difference, difference_error;  ///< to the first method
  std::vector<std::string> cells, differences;
};

/// `classify`: numbers are fractions, the more the better; otherwise errors.
inline Comparison compare(const study::Result& r, const std::vector<study::Method>& methods,
                          const Array<double>& numbers, bool classify) {
  const std::size_t conditions = numbers.size() / (r.methods.size() * r.devices.size() * r.repeats);
  const auto undisturbed = study::undisturbed_condition(r.axes);
  const double factor = classify ? 100 : 1;
  const int digits = classify ? 3 : 4;
  Comparison table;
  const auto with_error = [&](const std::string& mean, double error) {
    return mean + (std::isfinite(error) ? " ± " + format_short(factor * error, 2) : "");
  };
  for (const study::Method& method : methods) {
    const study::Estimate clean =
        study::estimate(study::trainings_at(r, numbers, method, undisturbed.value_or(0)));
    for (std::size_t c = 0; c < conditions; ++c) {
      const study::Trainings trainings = study::trainings_at(r, numbers, method, c);
      const study::Estimate e = study::estimate(trainings);
      table.mean.push_back(e.mean);
      table.error.push_back(e.error);
      table.spread.push_back(e.spread);
      table.worst.push_back(classify ? e.smallest : e.largest);
      const bool grows = undisturbed && e.numbers > 0 && clean.numbers > 0 && clean.mean > 0;
      table.growth.push_back(grows ? e.mean / clean.mean : std::numeric_limits<double>::quiet_NaN());
      std::string cell = e.numbers == 0 ? "-" : format_short(factor * e.mean, digits);
      if (e.numbers > 1) {
        cell = with_error(cell, e.trainings > 1 ? e.error : e.spread);
        cell += " (" + format_short(factor * table.worst.back(), digits) + ")";
      }
      if (!classify && grows && c != *undisturbed) cell += " ×" + format_short(table.growth.back(), 3);
      table.cells.push_back(cell);
      const study::Difference d =
          study::difference(trainings, study::trainings_at(r, numbers, methods.front(), c));
      table.difference.push_back(d.mean);
      table.difference_error.push_back(d.error);
      table.differences.push_back(d.trainings == 0 ? "-"
                                                   : with_error(format_short(factor * d.mean, 3), d.error));
    }
  }
  return table;
}

/// What ± is in a table, as a part of its headline: the standard error over trainings, or the spread over
/// devices of a single one.
inline std::string meaning_of_error(const study::Result& r, const std::vector<study::Method>& methods) {
  const auto plural = [](std::size_t n, const char* one) {
    return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
  };
  const std::string places =
      plural(r.devices.size(), "device") + (r.repeats > 1 ? " and " + plural(r.repeats, "repeat") : "");
  const auto [fewest, most] = std::minmax_element(
      methods.begin(), methods.end(),
      [](const study::Method& a, const study::Method& b) { return a.trainings.size() < b.trainings.size(); });
  const bool nested = r.devices.size() * r.repeats > 1;
  const std::size_t n = fewest->trainings.size();
  if (most->trainings.size() == 1)
    return nested ? ", mean ± spread over " + places + " (worst), one training"
                  : ", " + places + ", one training";
  if (n > 1 && n == most->trainings.size())
    return ", mean ± standard error over " + plural(n, "training") + " (worst), " + places + " in each";
  return ", mean ± standard error over trainings (worst), " + places + " in each" +
         (n > 1    ? ""
          : nested ? ", of one training ± spread over these"
                   : ", of one training no error");
}

/// Tells of evaluations whose numbers are not finite. Throws RunError where there are no others.
inline void report_overflow(const study::SweepOutcome& outcome, cli::Context& context) {
  const std::vector<double>& lost = outcome.result.overflowed.data;
  const auto count = std::count(lost.begin(), lost.end(), 1.0);
  context.report().value("overflowed", std::int64_t(count));
  if (count == 0) return;
  const std::string what = outcome.overflow.empty() ? "" : ": " + outcome.overflow;
  if (std::size_t(count) == lost.size())
    throw RunError("no evaluation gave finite numbers" + what +
                   "; are these the parameters, and the conditions, that you mean?");
  context.warn(std::to_string(count) + " of " + std::to_string(lost.size()) +
               " evaluations gave no finite numbers and are left out (/overflowed says which)" + what);
}

/// Table and JSON of a result: one row a condition, mean ± error and worst, a column a method (two where
/// pictures are compared); trainings that share a label are one method. Where a method has several trainings,
/// further columns hold the difference to the first method with its standard error.
inline void report_result(const study::Result& r, cli::Report& report) {
  const bool classify = !r.accuracy.data.empty(), pictures = !r.frechet.data.empty();
  const std::vector<study::Method> methods = study::methods_of(r);
  const bool several = methods.size() < r.methods.size();
  const std::string what = classify ? "accuracy in %" : train::loss_name(train::parse_task(r.task));
  report.headline(what + (pictures ? " and squared Fréchet distance F" : "") + meaning_of_error(r, methods) +
                  (!classify && study::undisturbed_condition(r.axes) ? ", × the undisturbed" : "") + ", " +
                  std::to_string(r.images) + " samples");
  if (several && methods.size() > 1) {
    const bool paired = std::all_of(methods.begin(), methods.end(), [&](const study::Method& m) {
      return m.trainings.size() == methods.front().trainings.size();
    });
    report.headline("differences: on the same devices, ± standard error over trainings" +
                    std::string(paired ? " in pairs" : ", in pairs where both have as many"));
  }
  std::vector<std::string> titles, labels;
  std::vector<double> trainings;
  for (const auto& axis : r.axes) titles.push_back(axis.name + (axis.unit == "1" ? "" : " / " + axis.unit));
  if (r.axes.empty()) titles.emplace_back("");
  for (const study::Method& method : methods) {
    labels.push_back(method.label);
    trainings.push_back(double(method.trainings.size()));
    titles.push_back(method.label);
    if (pictures) titles.push_back(method.label + ", F");
  }
  for (std::size_t m = 1; several && m < methods.size(); ++m)
    titles.push_back(methods[m].label + " - " + methods[0].label);
  report.columns(titles);
  const Comparison numbers = compare(r, methods, classify ? r.accuracy : r.loss, classify);
  const Comparison distances = pictures ? compare(r, methods, r.frechet, false) : Comparison{};
  const std::size_t conditions = numbers.mean.size() / methods.size();
  for (std::size_t c = 0; c < conditions; ++c) {
    std::vector<std::string> row(std::max<std::size_t>(1, r.axes.size()));
    std::size_t flat = c;
    for (std::size_t a = r.axes.size(); a-- > 0;) {
      row[a] = format_short(r.axes[a].values[flat % r.axes[a].values.size()], 6);
      flat /= r.axes[a].values.size();
    }
    for (std::size_t m = 0; m < methods.size(); ++m) {
      row.push_back(numbers.cells[m * conditions + c]);
      if (pictures) row.push_back(distances.cells[m * conditions + c]);
    }
    for (std::size_t m = 1; several && m < methods.size(); ++m)
      row.push_back(numbers.differences[m * conditions + c]);
    report.row(row);
  }
  report.value("methods", labels);
  report.value("trainings", trainings);
  report.value("training_labels", r.methods);  // of what is told of each training, as its heater power
  for (const auto& axis : r.axes) report.value("axis " + axis.name, axis.values);
  report.value("devices", r.devices);
  report.value("images", std::int64_t(r.images));
  const auto tell = [&](const std::string& name, const Comparison& table) {
    report.value(name + "_mean", table.mean);
    report.value(name + "_standard_error", table.error);
    report.value(name + "_deviation", table.spread);
    report.value(name + "_worst", table.worst);
    report.value(name + "_difference", table.difference);
    report.value(name + "_difference_standard_error", table.difference_error);
  };
  tell(classify ? "accuracy" : "error", numbers);
  if (!classify) report.value("error_growth", numbers.growth);
  if (pictures) {
    tell("frechet", distances);
    report.value("frechet_growth", distances.growth);
  }
  report.value("heater_power_mean_mw", r.power_mean_mw.data);
  report.value("heater_power_largest_mw", r.power_largest_mw.data);
  report.value("heater_energy_uj", r.energy_uj.data);
}

}  // namespace pnn::tools
