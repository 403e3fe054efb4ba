#include "pnn/study/conditions.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace pnn::study {
namespace {

device::Environment parse_environment(const std::string& word) {
  if (word == "exact") return device::Environment::exact;
  if (word == "free") return device::Environment::free;
  return device::Environment::controller;
}

std::pair<std::string, std::string> split_assignment(const std::string& text, const std::string& option) {
  const std::size_t eq = text.find('=');
  if (eq == std::string::npos) throw UsageError(option + ": expected NAME=VALUE, found \"" + text + "\"");
  return {std::string(trim(std::string_view(text).substr(0, eq))), text.substr(eq + 1)};
}

}  // namespace

platform::System model_system(const Surroundings& s, std::size_t layer, double reference_c) {
  return s.device.system_of(layer,
                            s.device.temperature_c.value_or(reference_c) - reference_c + s.device.drift_k);
}

const std::vector<ConditionName>& condition_names() {
  static const std::vector<ConditionName> names = {
      {"temperature", "°C", "set point of the ambient temperature"},
      {"drift", "K", "temperature above the set point", 0},
      {"rotation", "°",
       "rotation of the display's picture on the modulator, or of the moving masks, from right to down", 0},
      {"shift", "px", "shift of picture or masks to the right and as much downwards", 0},
      {"shift-x", "px", "their shift to the right alone", 0},
      {"shift-y", "px", "their shift downwards alone", 0},
      {"scale", "1", "their scale; 1 is aligned", 1},
      {"axial", "µm", "shift of the moving masks along the light", 0},
      {"detuning", "nm", "detuning common to all rings", 0},
      {"detuning-spread", "nm", "individual detuning, 1 sigma over rings; one draw a repeat", 0},
      {"phase", "rad", "phase common to all controls of meshes and masks", 0},
      {"phase-spread", "rad", "individual phase, 1 sigma over those controls; one draw a repeat", 0},
      {"control-noise", "1", "noise on the controls, rms in fractions of their range; one draw a repeat", 0},
      {"dac-bits", "bit", "resolution of the current sources (0: exact)"},
      {"readout-noise", "1", "noise of a read-out, in fractions of full scale"},
  };
  return names;
}

void set_condition(Surroundings& s, const std::string& name, double value, std::string_view option) {
  const std::string where = std::string(option) + " " + name;
  const auto at_least_zero = [&] {
    if (value < 0) throw UsageError(where + ": expected 0 or more, found " + format_number(value));
    return value;
  };
  if (name == "temperature") {
    s.device.temperature_c = value;
  } else if (name == "drift") {
    s.device.drift_k = value;
  } else if (const auto parameters = platform::find_system_parameters(name); !parameters.empty()) {
    if (name == "scale" && !(value > 0))
      throw UsageError(where + ": expected a scale above 0, found " + format_number(value));
    for (const platform::SystemParameter* p : parameters)
      s.device.misalignment.*p->value = name == "scale" ? value - 1 : value * p->per_unit;
  } else if (name == "detuning") {
    s.device.detuning_nm = value;
  } else if (name == "detuning-spread") {
    s.device.detuning_sigma_nm = at_least_zero();
  } else if (name == "phase") {
    s.device.phase_rad = value;
  } else if (name == "phase-spread") {
    s.device.phase_sigma_rad = at_least_zero();
  } else if (name == "control-noise") {
    s.control_noise = at_least_zero();
  } else if (name == "dac-bits") {
    if (value < 0 || value > 32 || value != std::floor(value))
      throw UsageError(where + ": expected an integer from 0 to 32, found " + format_number(value));
    s.device.dac_bits = int(value);
  } else if (name == "readout-noise") {
    s.device.readout_noise = at_least_zero();
  } else {
    std::vector<std::string> known;
    for (const ConditionName& c : condition_names()) known.push_back(c.name);
    throw UsageError(std::string(option) + ": unknown condition \"" + name + "\"" +
                     did_you_mean(name, known) + " (known: " + join(known, ", ") +
                     (option == "--vary" ? ", or a process value such as mzi.bs" : "") + ")");
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
         "comma list of physical layers that temperature, misalignment, detuning and phase reach "
         "(mrr4,mrr5); all "
         "if empty");
}

void RoomSettings::describe(Options& o) {
  o.choice("environment", environment, {"exact", "controller", "free"},
           "what holds the temperature: exact nothing moves; controller Gaussian jitter; free a random walk");
  o.number("dt", dt, "S", "time in s that one device call takes", Limits::non_negative());
}

void RoomSettings::apply(device::Conditions& conditions) const {
  conditions.environment = parse_environment(environment);
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
