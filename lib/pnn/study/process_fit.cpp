#include "pnn/study/process_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"
#include "pnn/core/text.hpp"

namespace pnn::study {
namespace {

/// A die: some elements of one chip of a device.
struct Die {
  std::string name;
  const model::ChipModel* chip;
  const ProcessView* view;
  std::size_t device, number;
};

const PlatformLab& lab_of_model(const model::ChipModel& chip, const NamedModel& model) {
  if (const PlatformLab* lab = lab_of_kind(chip.kind)) return *lab;
  throw InputError(model.name + ": chip \"" + chip.key +
                   "\" was not fitted (--model nominal): it tells nothing about a process");
}

/// Whether an element of a model was fitted to a curve of its own.
bool is_measured(const model::ChipModel& chip, std::size_t element) {
  return chip.remarks.empty() || !chip.remarks[element].starts_with(model::unmeasured);
}

DieValues values_of(const Die& die, std::size_t parameter) {
  const std::size_t elements = die.chip->elements.size(), parameters = die.chip->parameters.size();
  DieValues out;
  for (std::size_t element = 0; element < elements; ++element) {
    if (die.view->elements[element].die != die.number || !is_measured(*die.chip, element)) continue;
    const std::size_t at = die.device * elements + element;
    const double value = die.chip->values.data[at * parameters + parameter],
                 variance = die.chip->covariance.data[(at * parameters + parameter) * parameters + parameter];
    if (!std::isfinite(value) || !std::isfinite(variance)) continue;
    out.places.push_back(die.view->elements[element].place);
    out.values.push_back(value);
    out.variances.push_back(variance);
  }
  return out;
}

/// Whether the values of two dies differ by no more than their errors, where others differ by more: one die
/// that was measured twice, rather than two.
bool same_die(const DieValues& a, const DieValues& b, const VarianceFit& fit) {
  constexpr double clear = 3;        // spread within a die over the errors, where two dies are told apart
  constexpr std::size_t fewest = 8;  // elements, below which two dies may be alike by chance
  if (a.values.size() < fewest || a.places != b.places || !(fit.within.value > clear * fit.measurement))
    return false;
  double squares = 0;
  for (std::size_t k = 0; k < a.values.size(); ++k)
    squares += std::pow(a.values[k] - b.values[k], 2) / (a.variances[k] + b.variances[k]);
  return squares < 3 * double(a.values.size());  // of two dies 1 + clear² or more times their number
}

/// What is to be said of a quantity's gradient over the wafer; empty where too few dies have a place.
std::string said_of_gradient(const QuantityFit& q) {
  const VarianceFit& fit = q.fit;
  if (!fit.gradient) return {};
  const auto& [x, y] = *fit.gradient;
  const std::string along = " " + q.unit + "/mm along x and y";
  if (std::hypot(x.value / x.error, y.value / y.error) > 3)
    return q.parameter.sigma + ": part of the spread between dies is a gradient over the wafer, " +
           format_short(x.value, 2) + " and " + format_short(y.value, 2) + along + "; beside it " +
           format_short(fit.die_beside_gradient.value, 2) + " " + q.unit +
           " remain (sampled chips are drawn from the whole wafer)";
  return q.parameter.sigma + ": no gradient over the wafer is seen, " + format_short(x.value, 2) + " ± " +
         format_short(x.error, 2) + " and " + format_short(y.value, 2) + " ± " + format_short(y.error, 2) +
         along;
}

std::optional<WithError> common_length(const std::vector<QuantityFit>& quantities) {
  double sum = 0, weights = 0;
  for (const QuantityFit& q : quantities) {
    if (!q.fit.length || !std::isfinite(q.fit.length->error) || !(q.fit.length->error > 0)) continue;
    const double weight = std::pow(q.fit.length->value / q.fit.length->error, 2);
    sum += weight * std::log(q.fit.length->value);
    weights += weight;
  }
  if (weights == 0) return std::nullopt;
  const double length = std::exp(sum / weights);
  return WithError{length, length / std::sqrt(weights)};
}

/// Puts what was found into the values; they are checked as a process.
void collect_values(const platform::Process& prior, const std::string& word, const ProcessView& view,
                    ProcessFit& out) {
  std::map<std::string, double> found;
  for (const QuantityFit& q : out.quantities) {
    const VarianceFit& fit = q.fit;
    if (!q.parameter.design.empty()) found[q.parameter.design] = fit.mean.value;
    if (q.parameter.relative && !(fit.mean.value != 0)) continue;
    found[q.parameter.sigma] = fit.sigma() / (q.parameter.relative ? std::abs(fit.mean.value) : 1);
    found[q.parameter.shares + ".die"] = std::min(1.0, fit.die_part());
    // both shares are written in six digits, whose sum is not to exceed 1
    found[q.parameter.shares + ".smooth"] =
        std::max(0.0, std::min(fit.smooth_part(), 1 - fit.die_part()) - 1e-6);
  }
  for (const auto& [name, why] : view.contained) {
    found[name] = 0;
    out.remarks.push_back(name + " is 0: " + why);
  }
  if (out.length) found[view.length] = out.length->value;
  platform::Process process = prior;
  for (const platform::ProcessField& field : platform::process_fields()) {
    if (field.platform != word) continue;
    if (const auto value = found.find(field.name); value != found.end()) {
      platform::set_process_value(process, field.name, value->second);
      out.values.emplace_back(field.name, value->second);
    } else if (field.of(prior) != field.initial) {
      out.values.emplace_back(field.name, field.of(prior));
    }
  }
  for (const std::string& complaint : platform::check_process(process)) out.remarks.push_back(complaint);
}

}  // namespace

ProcessFit fit_process(std::vector<NamedModel> models, const std::vector<DiePosition>& positions) {
  if (models.empty()) throw InputError("a process needs models of measured dies");
  std::sort(models.begin(), models.end(),
            [](const NamedModel& a, const NamedModel& b) { return natural_less(a.name, b.name); });
  std::vector<std::vector<ProcessView>> views(models.size());
  std::vector<Die> dies;
  const platform::Platform* platform = nullptr;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const NamedModel& model = models[m];
    if (m > 0 && !(model.model.process == models.front().model.process))
      throw InputError(model.name + ": its process is another than that of " + models.front().name +
                       "; fit all dies with the same --set");
    for (const model::ChipModel& chip : model.model.chips) {
      const PlatformLab& lab = lab_of_model(chip, model);
      if (platform != nullptr && platform != &lab.platform())
        throw InputError(model.name + ": a chip of " + lab.platform().elements() + " beside others of " +
                         platform->elements() + "; a process is found for one platform at a time");
      platform = &lab.platform();
      views[m].push_back(lab.process_view(chip));
      if (views[m].back().parameters.empty())
        throw InputError(model.name + ": models of the kind " + chip.kind +
                         " tell nothing about a process; fit tuning curves of the dies with another kind "
                         "(pnn-fit --model)");
    }
    for (std::size_t c = 0; c < model.model.chips.size(); ++c) {
      const model::ChipModel& chip = model.model.chips[c];
      std::size_t count = 0;
      for (const ElementOfDie& element : views[m][c].elements) count = std::max(count, element.die + 1);
      for (std::size_t device = 0; device < chip.values.dim(0); ++device) {
        for (std::size_t number = 0; number < count; ++number) {
          std::string name = model.name;
          if (chip.values.dim(0) > 1) name += "#" + std::to_string(device);
          if (model.model.chips.size() > 1) name += " " + chip.key;
          if (count > 1) name += " tile " + std::to_string(number);
          dies.push_back({std::move(name), &chip, &views[m][c], device, number});
        }
      }
    }
  }
  if (dies.empty()) throw InputError("a process needs models of measured dies");
  ProcessFit out;
  std::map<std::string, std::size_t> named;
  for (const Die& die : dies) {
    if (!named.emplace(die.name, out.dies.size()).second)
      throw InputError("two dies are called " + die.name + "; give each file once, under its own name");
    out.dies.push_back(die.name);
  }
  std::vector<std::optional<std::array<double, 2>>> places(dies.size());
  for (const DiePosition& position : positions) {
    const auto die = named.find(position.die);
    if (die == named.end())
      throw InputError("--positions: no die is called \"" + position.die + "\"" +
                       did_you_mean(position.die, out.dies));
    if (places[die->second]) throw InputError("--positions: die \"" + position.die + "\" stands there twice");
    places[die->second] = position.wafer_mm;
  }
  if (!positions.empty() && positions.size() < dies.size())
    out.remarks.push_back(std::to_string(dies.size() - positions.size()) +
                          " dies have no position: no gradient over the wafer is fitted");

  const ProcessView& view = *dies.front().view;
  std::set<std::pair<std::size_t, std::size_t>> alike;
  std::size_t most_elements = 0;
  for (const DrawnParameter& parameter : view.parameters) {
    std::vector<DieValues> all;
    std::vector<std::size_t> die_of;
    std::string unit;
    double errors = 0;
    for (std::size_t k = 0; k < dies.size(); ++k) {
      const auto& names = dies[k].chip->parameters;
      const auto found = std::find(names.begin(), names.end(), parameter.parameter);
      if (found == names.end()) continue;
      const auto number = std::size_t(found - names.begin());
      unit = dies[k].chip->units[number];
      all.push_back(values_of(dies[k], number));
      all.back().wafer_mm = places[k];
      die_of.push_back(k);
      for (const double variance : all.back().variances) errors += variance;
    }
    if (errors == 0) {
      out.remarks.push_back(parameter.design +
                            ": the curves do not tell it; its value and spread are left as they are");
      continue;
    }
    out.quantities.push_back({parameter, unit, fit_variances(all)});
    const VarianceFit& fit = out.quantities.back().fit;
    if (fit.measurement > fit.sigma())
      out.remarks.push_back(parameter.sigma + ": the errors of the fits (" +
                            format_short(fit.measurement, 2) +
                            ") are larger than the spread that remains; measure with less noise");
    if (const std::string said = said_of_gradient(out.quantities.back()); !said.empty())
      out.remarks.push_back(said);
    for (std::size_t k = 0; k < all.size(); ++k)
      for (std::size_t l = 0; l < k; ++l)
        if (same_die(all[l], all[k], fit)) alike.emplace(die_of[l], die_of[k]);
    for (const DieValues& die : all) most_elements = std::max(most_elements, die.values.size());
  }
  for (const auto& [one, other] : alike)
    out.remarks.push_back(
        "dies " + out.dies[one] + " and " + out.dies[other] +
        " differ by no more than their errors: if they are one die that was measured twice, leave "
        "one out, since it counts as two");
  if (most_elements > most_elements_used)
    out.remarks.push_back("of dies with more than " + std::to_string(most_elements_used) +
                          " elements (the most is " + std::to_string(most_elements) +
                          ") as many were used, evenly taken");
  const bool tilted = std::any_of(out.quantities.begin(), out.quantities.end(),
                                  [](const QuantityFit& q) { return q.fit.gradient.has_value(); });
  if (!positions.empty() && positions.size() == dies.size() && !tilted)
    out.remarks.push_back(std::string("no gradient over the wafer is fitted: ") +
                          (dies.size() < fewest_placed_dies ? "it takes four dies or more"
                                                            : "the dies lie in one line, or at one place"));
  if (out.quantities.empty()) throw InputError("the models tell no quantity of a process");
  out.length = common_length(out.quantities);
  collect_values(models.front().model.process, platform->word(), view, out);
  return out;
}

}  // namespace pnn::study
