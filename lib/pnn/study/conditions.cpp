#include "pnn/study/conditions.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::study {
namespace {

const char* const control_noise = "control-noise";  // not a condition of devices

std::pair<std::string, std::string> split_assignment(const std::string& text, const std::string& option) {
  const std::size_t eq = text.find('=');
  if (eq == std::string::npos) throw UsageError(option + ": expected NAME=VALUE, found \"" + text + "\"");
  return {std::string(trim(std::string_view(text).substr(0, eq))), text.substr(eq + 1)};
}

}  // namespace

const std::vector<ConditionName>& condition_names() {
  static const std::vector<ConditionName> names = [] {
    std::vector<ConditionName> all;
    for (const device::Condition& condition : device::condition_table())
      all.push_back({condition, condition.undisturbed});
    all.push_back({{control_noise, "1",
                    "noise on the controls, rms in fractions of their range; one draw a repeat", 0, 1},
                   0});
    return all;
  }();
  return names;
}

void set_condition(Surroundings& s, const std::string& name, double value, std::string_view option) {
  const std::vector<ConditionName>& all = condition_names();
  const auto known =
      std::find_if(all.begin(), all.end(), [&](const ConditionName& c) { return c.name == name; });
  if (known == all.end()) {
    std::vector<std::string> names;
    for (const ConditionName& c : all) names.push_back(c.name);
    throw UsageError(
        std::string(option) + ": unknown condition \"" + name + "\"" + did_you_mean(name, names) +
        " (known: " + join(names, ", ") +
        (option == "--vary" ? ", or a value of the process, as " + platform::process_example() : "") + ")");
  }
  const std::string wrong = platform::complaint_about(*known, value);
  if (!wrong.empty()) throw UsageError(std::string(option) + ": " + wrong);
  if (name == control_noise) {
    s.control_noise = value;
  } else {
    device::find_condition(name)->set(s.device, value);
  }
}

Axis parse_axis(const std::string& text) {
  const auto [name, range] = split_assignment(text, "--vary");
  Axis axis;
  axis.name = name;
  axis.values = parse_range(range, "--vary " + name);
  if (is_of_process(axis)) {
    const platform::Quantity& quantity = platform::process_quantity(name);
    axis.unit = quantity.unit;
    axis.description = quantity.description;
    platform::Process scratch;
    for (double value : axis.values) platform::set_process_value(scratch, name, value);
    return axis;
  }
  Surroundings scratch;
  for (double value : axis.values) set_condition(scratch, name, value, "--vary");
  for (const ConditionName& c : condition_names()) {
    if (c.name == name) {
      axis.unit = c.unit;
      axis.description = c.description;
    }
  }
  return axis;
}

std::optional<std::size_t> undisturbed_condition(const std::vector<Axis>& axes) {
  std::size_t flat = 0;
  for (const Axis& axis : axes) {
    const auto& names = condition_names();
    const auto condition =
        std::find_if(names.begin(), names.end(), [&](const ConditionName& c) { return c.name == axis.name; });
    if (condition == names.end()) return std::nullopt;
    const auto value = std::find_if(axis.values.begin(), axis.values.end(), [&](double v) {
      return std::abs(v - condition->undisturbed) < 1e-9;  // ranges are sums of their steps
    });
    if (value == axis.values.end()) return std::nullopt;
    flat = flat * axis.values.size() + std::size_t(value - axis.values.begin());
  }
  return axes.empty() ? std::nullopt : std::optional(flat);
}

void ConditionSettings::describe(Options& o) {
  o.group("Conditions");
  std::vector<std::string> names;
  for (const ConditionName& c : condition_names()) names.push_back(c.name + " (" + c.unit + ")");
  o.list("set", set, "NAME=VALUE", "a condition of the chip: " + join(names, ", "));
  room.describe(o);
  o.text("only-layers", only_layers, "NAMES",
         "comma list of physical layers that temperature, system parameters and response offsets reach "
         "(LAYER,LAYER); all "
         "if empty");
}

void RoomSettings::describe(Options& o) {
  using enum device::Environment;  // a trace is not asked for by its word, but by a file
  o.choice("environment", environment, "what holds the temperature", {exact, controller, free});
  o.number("dt", dt, "S", "time in s that one device call takes", Limits::between(0, 1e6));
}

void RoomSettings::apply(device::Conditions& conditions) const {
  conditions.environment = environment;
  conditions.dt_s = dt;
}

Surroundings ConditionSettings::surroundings(const std::vector<std::string>& layers) const {
  Surroundings s;
  room.apply(s.device);
  for (const std::string& text : set) {
    const auto [name, value] = split_assignment(text, "--set");
    set_condition(s, name, parse_number(value, "--set " + name), "--set");
  }
  if (!trim(only_layers).empty()) {
    s.device.reaches = platform::select_layers(layers, only_layers);
  }
  return s;
}

}  // namespace pnn::study
