#include "pnn/device/condition.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/finite.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::device {
namespace {

using platform::Quantity;

/// A number that Conditions always hold.
Condition number(Quantity quantity, double Conditions::*member) {
  return {std::move(quantity), 0, [member](const Conditions& c) { return std::optional(c.*member); },
          [member](Conditions& c, double value) { c.*member = value; }};
}

/// A number that Conditions hold where it was said.
template <class T>
Condition optional_number(Quantity quantity, std::optional<T> Conditions::*member) {
  return {std::move(quantity), std::numeric_limits<double>::quiet_NaN(),
          [member](const Conditions& c) {
            return c.*member ? std::optional(double(*(c.*member))) : std::nullopt;
          },
          [member](Conditions& c, double value) { c.*member = T(value); }};
}

/// System parameters under one name: one, or both shifts.
Condition system_condition(const std::string& name, const std::string& description) {
  const auto parameters = platform::find_system_parameters(name);
  Condition condition{
      *parameters.front(), parameters.front()->nominal,
      [first = parameters.front()](const Conditions& c) { return std::optional(first->of(c.system)); },
      [parameters](Conditions& c, double value) {
        for (const platform::SystemParameter* p : parameters) p->at(c.system) = p->to_system(value);
      }};
  condition.name = name;
  condition.description = description;
  return condition;
}

/// One number of a response offset.
Condition response(const Quantity& quantity, const std::string& offset, double Disturbance::*member) {
  return {quantity, 0,
          [offset, member](const Conditions& c) {
            const auto found = c.response.find(offset);
            return std::optional(found == c.response.end() ? 0.0 : found->second.*member);
          },
          [offset, member](Conditions& c, double value) { c.response[offset].*member = value; }};
}

std::vector<Condition> make_table() {
  const platform::SystemParameter& kelvin = *platform::find_system_parameters("temperature").front();
  std::vector<Condition> all;
  all.push_back(optional_number({"temperature", "°C", "set point of the ambient temperature", -100, 200,
                                 false, false, "in °C; a difference is called drift, in K"},
                                &Conditions::temperature_c));
  all.push_back(number(
      {"drift", "K", "temperature above the set point", kelvin.min, kelvin.max, false, false, kelvin.hint},
      &Conditions::drift_k));
  all.push_back(system_condition(
      "rotation", "rotation of the moving plane (a picture, a layer of optics), from right to down"));
  all.push_back(system_condition("shift", "shift of the moving plane to the right and as much downwards"));
  all.push_back(system_condition("shift-x", "its shift to the right alone"));
  all.push_back(system_condition("shift-y", "its shift downwards alone"));
  all.push_back(system_condition("scale", "its size, a factor; 1 is aligned"));
  all.push_back(system_condition("axial", "its shift along the light"));
  for (const platform::SystemParameter& parameter : platform::system_parameters())
    if (parameter.shared == nullptr) all.push_back(system_condition(parameter.name, parameter.description));
  for (const platform::ResponseOffset* offset : platform::response_offsets()) {
    all.push_back(response(offset->common, offset->common.name, &Disturbance::common));
    all.push_back(response(offset->spread, offset->common.name, &Disturbance::sigma));
  }
  all.push_back(optional_number(
      {"dac-bits", "bit", "resolution of the sources of the controls (0: exact)", 0, 32, true},
      &Conditions::dac_bits));
  all.push_back(
      optional_number({"readout-noise", "1", "noise of a read-out, in fractions of full scale", 0, 10},
                      &Conditions::readout_noise));
  return all;
}

void check_clock(const Conditions& c, std::vector<std::string>& wrong) {
  constexpr double most_ticks = 9e15;  // up to here a double counts whole numbers exactly
  if (!(c.dt_s >= 0) || !std::isfinite(c.dt_s)) {
    wrong.emplace_back("dt is not a time of 0 s or more");
  } else if (!(c.start_s >= 0) || !std::isfinite(c.start_s)) {
    wrong.emplace_back("start is not a time of 0 s or more");
  } else if (c.dt_s > 0 && !(c.start_s / c.dt_s < most_ticks)) {
    wrong.push_back("start is " + format_number(c.start_s) + " s, which is more calls of " +
                    format_number(c.dt_s) + " s than can be counted");
  }
}

void check_trace(const Conditions& c, std::vector<std::string>& wrong) {
  if (c.environment != Environment::trace) return;
  if (c.trace_time_s.empty() || c.trace_time_s.size() != c.trace_offset_k.size()) {
    wrong.emplace_back("a trace needs equally many times and offsets, at least one");
    return;
  }
  if (!all_finite(std::span<const double>(c.trace_time_s)) ||
      !std::is_sorted(c.trace_time_s.begin(), c.trace_time_s.end(), std::less_equal<>()))
    wrong.emplace_back("the times of a trace do not ascend");
  const Quantity& drift = *find_condition("drift");
  for (const double offset : c.trace_offset_k) {
    if (const std::string complaint = platform::complaint_about(drift, offset); !complaint.empty()) {
      wrong.push_back("trace: " + complaint);
      break;
    }
  }
}

}  // namespace

const std::vector<Condition>& condition_table() {
  static const std::vector<Condition> table = make_table();
  return table;
}

const Condition* find_condition(std::string_view name) {
  const std::vector<Condition>& table = condition_table();
  const auto it =
      std::find_if(table.begin(), table.end(), [&](const Condition& c) { return c.name == name; });
  return it == table.end() ? nullptr : &*it;
}

void check_conditions(const Conditions& c, const std::vector<platform::AnyPlan>& plans) {
  std::vector<std::string> wrong;
  for (const Condition& condition : condition_table()) {
    const std::optional<double> found = condition.name == "shift" ? std::nullopt : condition.of(c);
    if (!found) continue;
    // converting degrees to radians and back changes the last digit, also at the ends of the range
    const double slack = 1e-12 * (condition.max - condition.min);
    const double nearest = std::clamp(*found, condition.min, condition.max);
    const double value = std::abs(*found - nearest) <= slack ? nearest : *found;
    const std::string complaint = platform::complaint_about(condition, value);
    if (!complaint.empty()) wrong.push_back(complaint);
  }
  check_clock(c, wrong);
  check_trace(c, wrong);
  if (!c.reaches.empty() && c.reaches.size() != plans.size()) {
    wrong.push_back("conditions name " + std::to_string(c.reaches.size()) + " layers, the device has " +
                    std::to_string(plans.size()));
  } else {
    for (std::size_t layer = 0; layer < plans.size(); ++layer) {
      if (!c.reach(layer)) continue;
      for (std::string& complaint : plans[layer]->complaints_about(c.system))
        wrong.push_back(std::move(complaint));
    }
  }
  if (!wrong.empty()) throw UsageError("conditions: " + join(wrong, "; "));
}

}  // namespace pnn::device
