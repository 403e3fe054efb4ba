#include "pnn/study/process_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Number of a parameter of a chip's model; nothing if it has none of this name.
std::optional<std::size_t> number_of(const model::ChipModel& chip, const std::string& parameter) {
  const auto found = std::find(chip.parameters.begin(), chip.parameters.end(), parameter);
  if (found == chip.parameters.end()) return std::nullopt;
  return std::size_t(found - chip.parameters.begin());
}

/// The measured values of a parameter; with `period`, the number of another, those of which this is measured
/// as well, and its values in `periods`.
DieValues values_of(const Die& die, std::size_t parameter, std::optional<std::size_t> period = {},
                    DieValues* periods = nullptr) {
  const std::size_t elements = die.chip->elements.size(), parameters = die.chip->parameters.size();
  DieValues out;
  for (std::size_t element = 0; element < elements; ++element) {
    if (die.view->elements[element].die != die.number || !is_measured(*die.chip, element)) continue;
    const std::size_t at = die.device * elements + element;
    const auto add = [&](std::size_t number, DieValues& to) {
      const double value = die.chip->values.data[at * parameters + number],
                   variance = die.chip->covariance.data[(at * parameters + number) * parameters + number];
      if (!std::isfinite(value) || !std::isfinite(variance) || !(variance > 0)) return false;
      to.places.push_back(die.view->elements[element].place);
      to.values.push_back(value);
      to.variances.push_back(variance);
      return true;
    };
    if (period && !add(*period, *periods)) continue;
    if (!add(parameter, out) && period)
      periods->places.pop_back(), periods->values.pop_back(), periods->variances.pop_back();
  }
  return out;
}

/// Replaces resonances by their negative deviations from the mean of their column over all dies, each moved
/// by whole orders to be near to it. Returns false if those of a column do not lie clearly within half a
/// period of each other, so that it is not known which orders belong together.
bool about_columns(std::vector<DieValues>& dies, const std::vector<DieValues>& periods) {
  struct Column {
    double reference = 0, sum = 0, low = 0, high = 0, count = 0;
  };
  std::map<double, Column> columns;
  std::size_t elements = 0;
  const auto of_each = [&](const auto& body) {
    for (std::size_t d = 0; d < dies.size(); ++d)
      for (std::size_t k = 0; k < dies[d].values.size(); ++k) body(d, k, columns[dies[d].places[k].x]);
  };
  of_each([&](std::size_t d, std::size_t k, Column& column) {
    double& value = dies[d].values[k];
    const double period = periods[d].values[k];
    ++elements;
    if (column.count == 0) column.reference = value;
    const double step = period / (value * value),
                 turns = std::round((1 / value - 1 / column.reference) / step);
    value = 1 / (1 / value - turns * step) - column.reference;
    dies[d].variances[k] += turns * turns * periods[d].variances[k];
    column.sum += value, column.count += 1;
    column.low = std::min(column.low, value), column.high = std::max(column.high, value);
    if (column.high - column.low > period / 2) column.count = std::numeric_limits<double>::quiet_NaN();
  });
  bool clear = true;
  of_each([&](std::size_t d, std::size_t k, const Column& column) {
    if (std::isnan(column.count)) clear = false;
    dies[d].values[k] = column.sum / column.count - dies[d].values[k];
  });
  // the means of the columns took that many degrees of freedom, one of them that of the mean of all
  const double free = double(elements) - double(dies.size());
  if (!(free > double(columns.size()))) return clear;
  const double scale = std::sqrt(free / (free - double(columns.size()) + 1));
  for (DieValues& die : dies) {
    double mean = 0;
    for (const double value : die.values) mean += value / double(die.values.size());
    for (double& value : die.values) value = mean + scale * (value - mean);
  }
  return clear;
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
    return q.parameter.name() + ": part of the spread between dies is a gradient over the wafer, " +
           format_short(x.value, 2) + " and " + format_short(y.value, 2) + along + "; beside it " +
           format_short(fit.die_beside_gradient.value, 2) + " " + q.unit +
           " remain (sampled chips are drawn from the whole wafer)";
  return q.parameter.name() + ": no gradient over the wafer is seen, " + format_short(x.value, 2) + " ± " +
         format_short(x.error, 2) + " and " + format_short(y.value, 2) + " ± " + format_short(y.error, 2) +
         along;
}

std::optional<WithError> common_length(const std::vector<QuantityFit>& quantities) {
  double sum = 0, weights = 0;
  for (const QuantityFit& q : quantities) {
    if (q.parameter.sigma.empty() || !q.fit.length || !std::isfinite(q.fit.length->error) ||
        !(q.fit.length->error > 0))
      continue;
    const double weight = std::pow(q.fit.length->value / q.fit.length->error, 2);
    sum += weight * std::log(q.fit.length->value);
    weights += weight;
  }
  if (weights == 0) return std::nullopt;
  const double length = std::exp(sum / weights);
  return WithError{length, length / std::sqrt(weights)};
}

/// What the models of all dies tell together: of a quantity that several parameters tell, the one that needs
/// the least to be known.
ProcessView joint_view(const std::vector<Die>& dies) {
  ProcessView joint;
  for (const bool periodic : {false, true})
    for (const Die& die : dies) {
      joint.length = die.view->length;
      for (const DrawnParameter& parameter : die.view->parameters)
        if (parameter.period.empty() != periodic &&
            std::none_of(joint.parameters.begin(), joint.parameters.end(),
                         [&](const DrawnParameter& other) { return other.name() == parameter.name(); }))
          joint.parameters.push_back(parameter);
      for (const auto& [name, why] : die.view->contained)
        if (std::none_of(joint.contained.begin(), joint.contained.end(),
                         [&](const auto& other) { return other.first == name; }))
          joint.contained.emplace_back(name, why);
      for (const std::string& name : die.view->own)
        if (std::find(joint.own.begin(), joint.own.end(), name) == joint.own.end()) joint.own.push_back(name);
    }
  return joint;
}

bool tells(const ProcessView& view, const DrawnParameter& parameter) {
  return std::any_of(view.parameters.begin(), view.parameters.end(),
                     [&](const DrawnParameter& own) { return own.parameter == parameter.parameter; });
}

/// Value of a process by name.
double value_of(const platform::Process& process, const std::string& name) {
  for (const platform::ProcessField& field : platform::process_fields())
    if (field.name == name) return field.of(process);
  throw InternalError("no process value is called " + name);
}

/// The process that all dies were fitted with. Where fits wrote other values to it, the least of each.
platform::Process common_process(const std::vector<NamedModel>& models, const ProcessView& view) {
  platform::Process least = models.front().model.process;
  for (const std::string& name : view.own)
    for (const NamedModel& model : models)
      platform::set_process_value(least, name,
                                  std::min(value_of(least, name), value_of(model.model.process, name)));
  for (const NamedModel& model : models) {
    platform::Process own = model.model.process;
    for (const std::string& name : view.own) platform::set_process_value(own, name, value_of(least, name));
    if (!(own == least))
      throw InputError(model.name + ": its process is another than that of " + models.front().name +
                       "; fit all dies with the same --set");
  }
  return least;
}

/// Puts what was found into the values; they are checked as a process.
void collect_values(const platform::Process& prior, const std::string& word, const ProcessView& view,
                    ProcessFit& out) {
  std::map<std::string, double> found;
  for (const QuantityFit& q : out.quantities) {
    const VarianceFit& fit = q.fit;
    if (!q.parameter.design.empty()) found[q.parameter.design] = fit.mean.value;
    if (q.parameter.sigma.empty() || (q.parameter.relative && !(fit.mean.value != 0))) continue;
    found[q.parameter.sigma] = fit.sigma() / (q.parameter.relative ? std::abs(fit.mean.value) : 1);
    found[q.parameter.shares + ".die"] = std::min(1.0, fit.die_part());
    // both shares are written in six digits, whose sum is not to exceed 1
    found[q.parameter.shares + ".smooth"] =
        std::max(0.0, std::min(fit.smooth_part(), 1 - fit.die_part()) - 1e-6);
  }
  for (const auto& [name, why] : view.contained) {
    if (found.contains(name)) continue;  // some dies tell it by itself
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

  const ProcessView view = joint_view(dies);
  const platform::Process prior = common_process(models, view);
  std::set<std::pair<std::size_t, std::size_t>> alike;
  std::size_t most_elements = 0;
  for (const DrawnParameter& parameter : view.parameters) {
    std::vector<DieValues> all, periods;
    std::vector<std::size_t> die_of;
    std::string unit;
    for (std::size_t k = 0; k < dies.size(); ++k) {
      const auto number = number_of(*dies[k].chip, parameter.parameter);
      if (!number || !tells(*dies[k].view, parameter)) continue;
      DieValues period;
      DieValues values =
          parameter.period.empty()
              ? values_of(dies[k], *number)
              : values_of(dies[k], *number, number_of(*dies[k].chip, parameter.period), &period);
      if (values.values.empty()) continue;
      unit = dies[k].chip->units[*number];
      all.push_back(std::move(values)), periods.push_back(std::move(period));
      all.back().wafer_mm = places[k];
      die_of.push_back(k);
    }
    const bool elsewhere =
        std::any_of(view.contained.begin(), view.contained.end(),
                    [&](const auto& contained) { return contained.first == parameter.sigma; });
    if (all.empty() && elsewhere) continue;
    if (all.empty() || (all.size() < 2 && dies.size() > 1)) {
      out.remarks.push_back(parameter.name() +
                            (all.empty() ? ": the curves do not tell it" : ": one die alone tells it") +
                            "; its value and spread are left as they are");
      continue;
    }
    if (all.size() < dies.size())
      out.remarks.push_back(parameter.name() + ": " + std::to_string(all.size()) + " of " +
                            std::to_string(dies.size()) + " dies tell it");
    if (!parameter.period.empty()) {
      const bool clear = about_columns(all, periods);
      out.remarks.push_back(
          parameter.name() +
          (clear ? ": no lasers are known, so that it is from the resonances, about the mean of their column "
                   "over the dies, which were all at one temperature; the mean is left as it is"
                 : ": the resonances of a column lie further apart than half of the distance to their next "
                   "order, so that their spread is not known; measure with lasers that are stated"));
      if (!clear) continue;
    }
    out.quantities.push_back({parameter, unit, fit_variances(all)});
    const VarianceFit& fit = out.quantities.back().fit;
    if (!parameter.sigma.empty() && fit.measurement > fit.sigma())
      out.remarks.push_back(parameter.sigma + ": the errors of the fits (" +
                            format_short(fit.measurement, 2) +
                            ") are larger than the spread that remains; measure with less noise");
    if (const std::string said = said_of_gradient(out.quantities.back()); !said.empty())
      out.remarks.push_back(said);
    for (std::size_t k = 0; k < all.size(); ++k)
      for (std::size_t l = 0; l < k; ++l)
        if (!parameter.sigma.empty() && same_die(all[l], all[k], fit)) alike.emplace(die_of[l], die_of[k]);
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
  collect_values(prior, platform->word(), view, out);
  return out;
}

}  // namespace pnn::study
