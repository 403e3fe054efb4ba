#include "pnn/io/facts.hpp"

#include <algorithm>
#include <tuple>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/reader.hpp"
#include "pnn/io/records.hpp"
#include "pnn/study/merge.hpp"
#include "pnn/study/summary.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::io {
namespace {

using Facts = std::vector<Fact>;

std::string number(double value, const std::string& unit = "") {
  return format_short(value, 4) + (unit.empty() ? "" : " " + unit);
}
std::string count(std::uint64_t value) {
  return std::to_string(value);
}

void add_network(const network::NetworkSpec& network, Facts& facts) {
  facts.push_back({"network", network.empty() ? std::string("none") : network.to_string()});
}

/// "detuning (pm): 3.2 + 41 times a number of the file"
std::string targets_text(const std::vector<network::Target>& targets) {
  std::vector<std::string> texts;
  for (const network::Target& t : targets)
    texts.push_back(t.name + " = " + number(t.mean) + " + " + number(t.scale) + " * value");
  return join(texts, "; ");
}

Facts dataset_facts(const std::string& path) {
  const network::Dataset d = read_dataset(path).value;
  return {
      {"name", d.name},
      {"inputs", d.shape.to_string()},
      d.targets.empty() ? Fact{"classes", count(d.classes.size())} : Fact{"targets", targets_text(d.targets)},
      {"training samples", count(std::uint64_t(d.train.size()))},
      {"validation samples", count(std::uint64_t(d.validation.size()))},
      {"test samples", count(std::uint64_t(d.test.size()))}};
}

Facts device_facts(const std::string& path) {
  const DevicePublic d = read_device_public(path).value;
  Facts facts{{"devices", count(d.count)}};
  add_network(d.network, facts);
  return facts;
}

std::string directions(const std::vector<int>& direction) {
  const auto up = std::count(direction.begin(), direction.end(), 1), down = std::ssize(direction) - up;
  if (direction.empty()) return "";
  return down == 0 ? " going up" : up == 0 ? " going down" : " going up and down";
}

Facts curves_facts(const std::string& path) {
  const CurvesFile c = read_curves(path).value;
  Facts facts;
  add_network(c.network, facts);
  if (c.curves.settle_s > 0) facts.push_back({"settling time", number(c.curves.settle_s, "s")});
  if (!c.spectra.empty()) {
    double low = c.spectra.front().wavelength_nm.front(), high = low;
    for (const model::Spectrum& s : c.spectra)
      low = std::min(low, s.wavelength_nm.front()), high = std::max(high, s.wavelength_nm.back());
    facts.push_back(
        {"spectra", count(c.spectra.size()) + " sweeps, " + number(low) + " to " + number(high, "nm")});
  }
  for (const model::HeaterCurve& curve : c.heaters) {
    const auto [low, high] = std::minmax_element(curve.current_ma.begin(), curve.current_ma.end());
    std::vector<double> degrees;
    for (const double t : curve.temperature_c)
      if (std::isfinite(t)) degrees.push_back(t);
    const auto [cold, warm] = std::minmax_element(degrees.begin(), degrees.end());
    std::string name = curve.bus;
    if (!curve.heater.empty()) name += (name.empty() ? "" : " ") + curve.heater;
    facts.push_back({"heater " + name,
                     count(curve.current_ma.size()) + " currents and voltages, " + number(*low) + " to " +
                         number(*high, "mA") +
                         (degrees.empty() ? "" : ", at " + number(*cold) + " to " + number(*warm, "degC"))});
  }
  for (const std::string& note : c.notes) facts.push_back({"of the import", note});
  if (c.placement.missing != study::Missing::refuse)
    facts.push_back({"elements without a curve", "take the " + word_of(c.placement.missing)});
  if (c.placement.repeat) facts.push_back({"elements", "stand in turn for those of the network"});
  if (!c.unfinished.empty())
    facts.push_back({"state", count(c.unfinished.mean.size()) + " readings, to be resumed"});
  for (const model::ChipCurves& chip : c.curves.chips) {
    if (!chip.platform.empty()) facts.push_back({"platform", chip.platform});
    for (const model::TakenUnder& condition : chip.conditions)
      facts.push_back({"taken under " + condition.name, number(condition.value, condition.unit)});
    facts.push_back(
        {"chip " + chip.key, count(chip.control.dim(0)) + " devices, " + count(chip.elements.size()) +
                                 " elements, " + count(chip.temperature_c.size()) + " temperatures, " +
                                 count(chip.control.dim(3)) + " points" + directions(chip.direction) + ", " +
                                 count(chip.pair_victim.size()) + " pairs"});
  }
  return facts;
}

Facts model_facts(const std::string& path) {
  const ModelFile m = read_model(path).value;
  Facts facts;
  add_network(m.network, facts);
  for (const model::ChipModel& chip : m.model.chips) {
    const study::Summary residual = study::summarise(chip.rms_residual.data);
    const auto remarks = std::count_if(chip.remarks.begin(), chip.remarks.end(),
                                       [](const std::string& r) { return !r.empty(); });
    facts.push_back({"chip " + chip.key, chip.kind + ", " + count(chip.values.dim(0)) + " devices, " +
                                             count(chip.elements.size()) + " elements, rms residual " +
                                             number(residual.mean) + " (largest " + number(residual.best) +
                                             "), " + count(static_cast<std::uint64_t>(remarks)) +
                                             " remarks"});
    if (!chip.measured.data.empty()) {
      const study::Summary ends = study::summarise(chip.measured.data);
      facts.push_back({"chip " + chip.key + " measured",
                       "at controls from " + number(ends.worst) + " to " + number(ends.best)});
    }
    if (!chip.chi_square.data.empty() && !chip.noise_from.empty())
      facts.push_back({"chip " + chip.key + " chi-square",
                       number(study::median(chip.chi_square.data)) + " (median), " +
                           number(study::summarise(chip.chi_square.data).best) +
                           " (largest) per degree of freedom; noise from " + join(chip.noise_from, ", ")});
    if (const auto dead = std::count(chip.dead.data.begin(), chip.dead.data.end(), 1.0); dead > 0)
      facts.push_back({"chip " + chip.key + " dead", count(std::uint64_t(dead)) +
                                                         " elements do not respond to their control, which "
                                                         "is held"});
    if (!chip.assumed.empty())
      facts.push_back(
          {"chip " + chip.key + " assumed", join(chip.assumed, ", ") + ": the curves do not determine them"});
  }
  return facts;
}

Facts params_facts(const std::string& path) {
  const train::Params p = read_params(path).value;
  Facts facts{{"method", p.method}, {"label", p.label}, {"task", word_of(p.task)}};
  add_network(p.network, facts);
  if (!p.sampled_around.empty()) facts.push_back({"chips sampled around", p.sampled_around});
  facts.push_back({"state", p.optimizer.finished ? "finished" : "checkpoint, to be resumed"});
  facts.push_back({"steps", count(p.optimizer.step)});
  facts.push_back({"gradient evaluations", count(p.optimizer.gradients)});
  facts.push_back({"device calls", count(p.optimizer.device_calls)});
  if (!p.targets.empty()) facts.push_back({"targets", targets_text(p.targets)});
  const network::Metric& metric = network::traits_of(p.task).metric;
  if (!p.history.loss.empty()) facts.push_back({"training loss", number(p.history.loss.back())});
  const std::pair<std::string, const std::vector<double>*> scores[] = {
      {"training ", &p.history.train_score},
      {"validation ", &p.history.validation_score},
      {"test ", &p.history.test_score}};
  for (const auto& [split, values] : scores)
    if (!values->empty()) facts.push_back({split + metric.word, metric.text(values->back())});
  std::size_t controls = 0;
  for (const train::Tensor& t : p.controls) controls += t.values.size();
  facts.push_back({"controls", count(controls)});
  const std::vector<platform::AnyPlan> plans = network::resolve(p.network, p.process).plans();
  for (std::size_t layer = 0; layer < p.bounds.size(); ++layer) {
    const platform::ControlBounds& own = p.bounds[layer];
    if (!own.empty())
      facts.push_back({"bounds of " + plans[layer]->name(),
                       number(double(*std::min_element(own.lower.begin(), own.lower.end()))) + " to " +
                           number(double(*std::max_element(own.upper.begin(), own.upper.end())),
                                  plans[layer]->controls_port().unit)});
  }
  if (!p.fixed.empty()) facts.push_back({"fixed controls", join(p.fixed, ", ")});
  const platform::HeaterUse use = study::heater_use(p);
  facts.push_back({"heater power, mean", number(use.mean_mw, "mW")});
  facts.push_back({"heater power, largest", number(use.largest_mw, "mW")});
  facts.push_back({"heater energy a sample", number(use.energy_uj, "uJ")});
  return facts;
}

Facts result_facts(const std::string& path) {
  const study::Result r = read_result(path).value;
  const std::vector<std::string> names = study::training_names(r.methods);
  Facts facts{{"tool", r.tool},
              {"task", word_of(r.task)},
              {"data set", r.dataset},
              {"samples", count(r.images)},
              {"network", r.network}};
  for (const study::Axis& axis : r.axes)
    facts.push_back(
        {"axis " + axis.name, count(axis.values.size()) + " values, " +
                                  number(axis.values.empty() ? 0 : axis.values.front()) + " to " +
                                  number(axis.values.empty() ? 0 : axis.values.back(), axis.unit)});
  facts.push_back({"devices", count(r.devices.size())});
  facts.push_back({"repeats", count(r.repeats)});
  if (r.shards > 1) facts.push_back({"shard", count(r.shard) + " of " + count(r.shards)});
  const auto tell = [&](const std::string& what, const Array<double>& values) {
    for (std::size_t m = 0; m < r.methods.size() && m < values.dim(0); ++m) {
      const study::Summary s = study::summarise(values.slice(m));
      facts.push_back({what + " of " + names[m], number(s.mean) + ", spread " + number(s.deviation) + " (" +
                                                     number(s.worst) + " to " + number(s.best) + ", " +
                                                     count(s.count) + " of " + count(values.stride()) +
                                                     " evaluated)"});
    }
  };
  tell(network::traits_of(r.task).metric.title, study::measure(r));
  for (std::size_t t = 0; t < r.targets.size() && !r.rms_error.data.empty(); ++t)
    tell("rms error of " + r.targets[t] + ",", study::rms_error_of(r, t));
  tell("squared Fréchet distance", r.frechet);
  tell("diverged fine-tunings", r.diverged);
  for (std::size_t m = 0; m < r.deployments.size(); ++m)
    facts.push_back({"adjusted on each device, " + r.methods[m],
                     r.deployments[m] + ", " + number(study::summarise(r.spent_samples.slice(m)).mean) +
                         " samples shown, " + number(study::summarise(r.spent_calls.slice(m)).mean) +
                         " device calls"});
  if (const auto lost = std::count(r.overflowed.data.begin(), r.overflowed.data.end(), 1.0); lost > 0)
    facts.push_back({"not finite", count(std::size_t(lost)) + " evaluations, which have no numbers"});
  const study::Yield& y = r.yield;
  const bool of_all = !y.conditions.empty() && y.conditions.back() == "all";
  for (std::size_t m = 0; m < r.methods.size() && of_all; ++m)
    for (std::size_t l = 0; l < y.levels.size(); ++l) {
      const std::size_t at = ((m * y.levels.size()) + l + 1) * y.conditions.size() - 1;
      const auto percent = [&](const Array<double>& shares) { return number(100 * shares.data[at]); };
      facts.push_back({"yield at " + number(100 * y.levels[l], "%") + " of " + names[m],
                       percent(y.share) + " % of the devices (" + number(100 * y.confidence, "%") +
                           " interval " + percent(y.share_low) + " to " + percent(y.share_high) + ")"});
    }
  if (r.outputs.size() > 0)
    facts.push_back({"outputs kept", count(r.pictures.dim(0)) + " samples of each evaluation"});
  const std::vector<platform::HeaterUse> heaters = study::heater_uses(r);
  for (std::size_t m = 0; m < heaters.size(); ++m) {
    facts.push_back({"mean heater power of " + names[m], number(heaters[m].mean_mw, "mW")});
    facts.push_back({"largest heater power of " + names[m], number(heaters[m].largest_mw, "mW")});
    facts.push_back({"heater energy a sample of " + names[m], number(heaters[m].energy_uj, "uJ")});
  }
  return facts;
}

Facts tuning_facts(const std::string& path) {
  const study::Tuning t = read_tuning(path).value;
  Facts facts{{"task", word_of(t.task)},
              {"data set", t.dataset},
              {"samples", count(t.images)},
              {"network", t.network},
              {"criterion", t.criterion}};
  for (std::size_t k = 0; k < t.options.size(); ++k)
    facts.push_back({"searched " + t.options[k], t.ranges[k]});
  facts.push_back({"chips", count(t.chips)});
  const std::vector<study::Standing> all = study::standings(t);
  facts.push_back({"settings", count(all.size())});
  facts.push_back({"trainings", count(t.trials.size())});
  facts.push_back({"gradient evaluations", number(study::gradients_of(t))});
  const study::Standing& best = all.front();
  for (std::size_t k = 0; k < t.options.size(); ++k)
    facts.push_back({"best " + t.options[k], t.trials[best.best].values[k]});
  facts.push_back(
      {"criterion of the best", number(best.criterion) + " over " + count(best.trainings) + " trainings"});
  return facts;
}

}  // namespace

std::vector<Fact> facts_of(const std::string& path, const std::string& filetype) {
  try {
    if (filetype == "dataset") return dataset_facts(path);
    if (filetype == "device") return device_facts(path);
    if (filetype == "curves") return curves_facts(path);
    if (filetype == "model") return model_facts(path);
    if (filetype == "params") return params_facts(path);
    if (filetype == "result") return result_facts(path);
    if (filetype == "tuning") return tuning_facts(path);
  } catch (const UnusableFile& error) {
    return {{"damage", error.complaints().front()}};
  }
  throw InternalError("facts of a filetype without a reader");
}

std::optional<Unfinished> unfinished_part(const std::string& path) {
  const std::string filetype = filetype_of(path);
  if (filetype == "params" && !read_params(path).value.optimizer.finished)
    return Unfinished{"an unfinished training", "pnn-train"};
  if (filetype == "curves" && !read_curves(path).value.unfinished.empty())
    return Unfinished{"a measurement that ended early", "pnn-characterize"};
  if (filetype == "result") {
    const study::Result r = read_result(path).value;
    if (const std::size_t left = study::evaluations_left(r).at(r.shard); left > 0)
      return Unfinished{"an unfinished sweep (" + count(left) + " evaluations left)", r.tool};
  }
  return std::nullopt;
}

}  // namespace pnn::io
