#include "pnn/study/conditions.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/platform.hpp"
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

Surroundings ConditionSettings::surroundings(const std::vector<platform::AnyPlan>& plans, RunsOn on) const {
  Surroundings s;
  room.apply(s.device);
  if (!trim(only_layers).empty())
    s.device.reaches = platform::select_layers(platform::layer_names(plans), only_layers);
  for (const std::string& text : set) {
    const auto [name, value] = split_assignment(text, "--set");
    set_condition(s, name, parse_number(value, "--set " + name), "--set");
    check_effect(name, plans, s.device, on, "--set");
  }
  return s;
}

void check_effect(const std::string& name, const std::vector<platform::AnyPlan>& plans,
                  const device::Conditions& conditions, RunsOn on, const std::string& option) {
  if (name == "readout-noise" && on == RunsOn::model)
    throw UsageError(option + " readout-noise: a model has no read-out; name devices (pnn-fabricate)");
  const auto parts_of = [](const std::string& condition) -> std::vector<std::string> {
    if (condition == "drift" || condition == "time") return {"temperature"};
    std::vector<std::string> parts;
    for (const platform::SystemParameter* p : platform::find_system_parameters(condition))
      parts.push_back(p->name);
    return parts.empty() ? std::vector{condition} : parts;
  };
  const auto acts_on = [&](const std::string& condition, std::size_t layer) {
    const std::vector<std::string> own = platform::conditions_of(plans[layer]), parts = parts_of(condition);
    return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
      return std::find(own.begin(), own.end(), part) != own.end();
    });
  };
  bool anywhere = false, reached = false;
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    // those of sources and read-outs act on every layer, whatever --only-layers says
    const bool own =
        acts_on(name, layer) || name == "dac-bits" || name == "readout-noise" || name == control_noise;
    anywhere = anywhere || own;
    reached = reached || (own && (conditions.reach(layer) || !acts_on(name, layer)));
  }
  if (reached) return;
  if (anywhere)
    throw UsageError(option + " " + name + ": acts on none of the layers of --only-layers, only on others");
  std::vector<std::string> known, elsewhere;
  for (const ConditionName& condition : condition_names()) {
    for (std::size_t layer = 0; layer < plans.size(); ++layer) {
      if (!acts_on(condition.name, layer)) continue;
      known.push_back(condition.name);
      break;
    }
  }
  for (const platform::Platform* platform : platform::registry()) {
    for (const std::string& example : platform->examples(8)) {
      const network::Resolved network = network::resolve({"8", {example}}, {});
      const std::vector<std::string> own = platform::conditions_of(network.plans().front()),
                                     parts = parts_of(name);
      const bool follows = std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
        return std::find(own.begin(), own.end(), part) != own.end();
      });
      if (!follows) continue;
      elsewhere.push_back(platform->elements());
      break;
    }
  }
  throw UsageError(option + " " + name + ": acts on no layer of this network" +
                   (known.empty() ? "" : ", as " + join(known, ", ") + " would") +
                   (elsewhere.empty() ? "" : "; it acts on " + join(elsewhere, " and on ")));
}

void check_axis(const Axis& axis, const std::vector<platform::AnyPlan>& plans,
                const platform::Process& process, const device::Conditions& conditions, RunsOn on) {
  if (is_of_process(axis)) return platform::check_process_value(axis.name, plans, process, "--vary");
  check_effect(axis.name, plans, conditions, on, axis.name == "time" ? "--trace" : "--vary");
}

}  // namespace pnn::study
