#include "pnn/platform/layer_plan.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

const std::string& LayerPlan::name() const {
  return bank() != nullptr ? bank()->name : mesh()->mesh.name;
}

Index LayerPlan::inputs() const {
  if (bank() != nullptr) return bank()->in;
  return mesh()->mesh.in * (mesh()->field_input ? 2 : 1);
}

Index LayerPlan::outputs() const {
  return bank() != nullptr ? bank()->out : detected_size(mesh()->detection, mesh()->mesh.out);
}

Index LayerPlan::controls() const {
  return bank() != nullptr ? bank()->weights() : mesh()->mesh.control_count();
}

std::string LayerPlan::chip_key() const {
  return bank() != nullptr ? bank()->chip_key() : name();
}

std::vector<std::size_t> LayerPlan::control_shape() const {
  if (bank() != nullptr) return {std::size_t(bank()->out), std::size_t(bank()->in)};
  return {std::size_t(controls())};
}

std::vector<std::size_t> LayerPlan::weight_shape() const {
  if (bank() != nullptr) return control_shape();
  return {2, std::size_t(mesh()->mesh.out), std::size_t(mesh()->mesh.in)};
}

const char* LayerPlan::control_description() const {
  return bank() != nullptr ? "heater currents, row output, column input"
                           : "phases: of each mesh theta, phi (column by column, top to bottom), psi";
}

std::vector<std::uint16_t> chip_numbers(const std::vector<LayerPlan>& plans) {
  std::vector<std::string> keys;
  std::vector<std::uint16_t> numbers;
  for (const LayerPlan& plan : plans) {
    const std::string key = plan.chip_key();
    const auto it = std::find(keys.begin(), keys.end(), key);
    numbers.push_back(std::uint16_t(it - keys.begin()));
    if (it == keys.end()) keys.push_back(key);
  }
  return numbers;
}

bool acts_on(const SystemParameter& parameter, const LayerPlan&) {
  return parameter.value == &System::temperature_k;
}

void check_system_parameter(const SystemParameter& parameter, const std::vector<LayerPlan>& plans,
                            const std::string& option) {
  if (std::any_of(plans.begin(), plans.end(), [&](const LayerPlan& p) { return acts_on(parameter, p); }))
    return;
  std::vector<std::string> known;
  for (const SystemParameter& p : system_parameters()) {
    if (std::any_of(plans.begin(), plans.end(), [&](const LayerPlan& plan) { return acts_on(p, plan); }))
      known.emplace_back(p.name);
  }
  throw UsageError(option + ": " + parameter.name + " acts on no layer of this network" +
                   (known.empty() ? " (nor does any other)" : " (" + join(known, ", ") + " does)"));
}

std::vector<std::string> layer_names(const std::vector<LayerPlan>& plans) {
  std::vector<std::string> names;
  names.reserve(plans.size());
  for (const LayerPlan& plan : plans) names.push_back(plan.name());
  return names;
}

std::vector<bool> select_layers(const std::vector<std::string>& names, const std::string& list) {
  if (trim(list).empty()) return std::vector<bool>(names.size(), true);
  std::vector<bool> selected(names.size(), false);
  for (const std::string& part : split(list, ',')) {
    const std::string name(trim(part));
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      throw UsageError("--only-layers: no physical layer \"" + name + "\"" + did_you_mean(name, names) +
                       " (there are " + join(names, ", ") + ")");
    }
    selected[std::size_t(it - names.begin())] = true;
  }
  return selected;
}

}  // namespace pnn::platform
