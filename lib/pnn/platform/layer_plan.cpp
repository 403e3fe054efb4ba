#include "pnn/platform/layer_plan.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

namespace {

/// What each platform says of a layer; the rest of the file asks for it by one name.
struct NameOf {
  const std::string& operator()(const BankPlan& p) const { return p.name; }
  const std::string& operator()(const MeshLayer& p) const { return p.mesh.name; }
  const std::string& operator()(const FreespacePlan& p) const { return p.name; }
};
struct ControlsOf {
  Index operator()(const BankPlan& p) const { return p.weights(); }
  Index operator()(const MeshLayer& p) const { return p.mesh.control_count(); }
  Index operator()(const FreespacePlan& p) const { return p.control_count(); }
};
struct MatrixOf {
  std::pair<Index, Index> operator()(const BankPlan& p) const { return {p.out, p.in}; }
  std::pair<Index, Index> operator()(const MeshLayer& p) const { return {p.mesh.out, p.mesh.in}; }
  std::pair<Index, Index> operator()(const FreespacePlan& p) const { return {p.out, p.in()}; }
};
struct ControlShapeOf {
  std::vector<Index> operator()(const BankPlan& p) const { return {p.out, p.in}; }
  std::vector<Index> operator()(const MeshLayer& p) const { return {p.mesh.control_count()}; }
  std::vector<Index> operator()(const FreespacePlan& p) const { return {p.polarities(), p.out, p.sites()}; }
};
struct ControlWords {
  const char *unit, *description;
};
struct ControlWordsOf {
  ControlWords operator()(const BankPlan&) const {
    return {"mA", "heater currents, row output, column input"};
  }
  ControlWords operator()(const MeshLayer&) const {
    return {"rad", "phases: of each mesh theta, phi (column by column, top to bottom), psi"};
  }
  ControlWords operator()(const FreespacePlan&) const {
    return {"1", "transmissions: positive, then negative; of each output its elements row by row"};
  }
};

}  // namespace

const std::string& LayerPlan::name() const {
  return std::visit(NameOf{}, on);
}

std::pair<Index, Index> LayerPlan::matrix_size() const {
  return std::visit(MatrixOf{}, on);
}

Index LayerPlan::inputs() const {
  return matrix_size().second * (mesh() != nullptr && mesh()->field_input ? 2 : 1);
}

Index LayerPlan::outputs() const {
  const Index out = matrix_size().first;
  return mesh() != nullptr ? detected_size(mesh()->detection, out) : out;
}

Index LayerPlan::controls() const {
  return std::visit(ControlsOf{}, on);
}

std::string LayerPlan::chip_key() const {
  return bank() != nullptr ? bank()->chip_key() : name();
}

std::vector<std::size_t> LayerPlan::control_shape() const {
  const std::vector<Index> shape = std::visit(ControlShapeOf{}, on);
  return {shape.begin(), shape.end()};
}

std::vector<std::size_t> LayerPlan::weight_shape() const {
  const auto [out, in] = matrix_size();
  if (mesh() != nullptr) return {2, std::size_t(out), std::size_t(in)};
  return {std::size_t(out), std::size_t(in)};
}

const char* LayerPlan::control_unit() const {
  return std::visit(ControlWordsOf{}, on).unit;
}

const char* LayerPlan::control_description() const {
  return std::visit(ControlWordsOf{}, on).description;
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

bool acts_on(const SystemParameter& parameter, const LayerPlan& plan) {
  return (parameter.value == &System::temperature_k) == (plan.freespace() == nullptr);
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
