#include "pnn/platform/layer_plan.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

namespace {

/// What each platform says of a layer; the rest of the file asks for it by one name.
struct NameOf {
  const std::string& operator()(const BankPlan& p) const { return p.name; }
  const std::string& operator()(const MeshLayer& p) const { return p.mesh.name; }
  const std::string& operator()(const FreespacePlan& p) const { return p.name; }
  const std::string& operator()(const D2nnPlan& p) const { return p.name; }
};
struct ControlsOf {
  Index operator()(const BankPlan& p) const { return p.weights(); }
  Index operator()(const MeshLayer& p) const { return p.mesh.control_count(); }
  Index operator()(const FreespacePlan& p) const { return p.control_count(); }
  Index operator()(const D2nnPlan& p) const { return p.control_count(); }
};
struct SizeOf {
  std::pair<Index, Index> operator()(const BankPlan& p) const { return {p.out, p.in}; }
  std::pair<Index, Index> operator()(const MeshLayer& p) const { return {p.mesh.out, p.mesh.in}; }
  std::pair<Index, Index> operator()(const FreespacePlan& p) const { return {p.out, p.in()}; }
  std::pair<Index, Index> operator()(const D2nnPlan& p) const { return {p.out(), p.input.size()}; }
};
struct ControlShapeOf {
  std::vector<Index> operator()(const BankPlan& p) const { return {p.out, p.in}; }
  std::vector<Index> operator()(const MeshLayer& p) const { return {p.mesh.control_count()}; }
  std::vector<Index> operator()(const FreespacePlan& p) const { return {p.polarities(), p.out, p.sites()}; }
  std::vector<Index> operator()(const D2nnPlan& p) const {
    return {p.masks(), p.plane.height, p.plane.width};
  }
};
struct WeightShapeOf {
  std::vector<Index> operator()(const BankPlan& p) const { return {p.out, p.in}; }
  std::vector<Index> operator()(const MeshLayer& p) const { return {2, p.mesh.out, p.mesh.in}; }
  std::vector<Index> operator()(const FreespacePlan& p) const { return {p.out, p.in()}; }
  std::vector<Index> operator()(const D2nnPlan& p) const { return {p.masks(), p.plane.field_size() + 1}; }
};
/// What of a system each platform follows.
struct SystemOf {
  using Parameters = std::vector<double System::*>;
  Parameters operator()(const BankPlan&) const { return {&System::temperature_k}; }
  Parameters operator()(const MeshLayer&) const { return {&System::temperature_k}; }
  Parameters operator()(const FreespacePlan&) const {
    return {&System::rotation_rad, &System::shift_x_px, &System::shift_y_px, &System::magnification};
  }
  Parameters operator()(const D2nnPlan& p) const {
    if (p.moving.empty()) return {};
    return {&System::rotation_rad, &System::shift_x_px, &System::shift_y_px, &System::magnification,
            &System::axial_um};
  }
};
struct ControlWords {
  const char *unit, *description;
  std::vector<std::string> axes, weight_axes;
};
struct ControlWordsOf {
  ControlWords operator()(const BankPlan&) const {
    return {"mA", "heater currents, row output, column input", {"out", "in"}, {"out", "in"}};
  }
  ControlWords operator()(const MeshLayer&) const {
    return {"rad",
            "phases: of each mesh theta, phi (column by column, top to bottom), psi",
            {"control"},
            {"part", "out", "in"}};
  }
  ControlWords operator()(const FreespacePlan&) const {
    return {"1",
            "transmissions: positive, then negative; of each output its elements row by row",
            {"polarity", "out", "site"},
            {"out", "in"}};
  }
  ControlWords operator()(const D2nnPlan&) const {
    return {"rad",
            "phases of the masks, in the order in which light meets them, row by row",
            {"mask", "row", "column"},
            {"mask", "transmission and place"}};
  }
};

}  // namespace

const std::string& LayerPlan::name() const {
  return std::visit(NameOf{}, on);
}

std::pair<Index, Index> LayerPlan::size() const {
  return std::visit(SizeOf{}, on);
}

Index LayerPlan::inputs() const {
  return size().second * (mesh() != nullptr && mesh()->field_input ? 2 : 1);
}

Index LayerPlan::outputs() const {
  const Index out = size().first;
  return mesh() != nullptr ? detected_size(mesh()->detection, out) : out;
}

Index LayerPlan::controls() const {
  return std::visit(ControlsOf{}, on);
}

bool LayerPlan::periodic() const {
  return mesh() != nullptr || d2nn() != nullptr;
}

std::string LayerPlan::chip_key() const {
  return bank() != nullptr ? bank()->chip_key() : name();
}

std::vector<std::size_t> LayerPlan::control_shape() const {
  const std::vector<Index> shape = std::visit(ControlShapeOf{}, on);
  return {shape.begin(), shape.end()};
}

std::vector<std::size_t> LayerPlan::weight_shape() const {
  const std::vector<Index> shape = std::visit(WeightShapeOf{}, on);
  return {shape.begin(), shape.end()};
}

std::vector<std::string> LayerPlan::control_axes() const {
  return std::visit(ControlWordsOf{}, on).axes;
}

std::vector<std::string> LayerPlan::weight_axes() const {
  return std::visit(ControlWordsOf{}, on).weight_axes;
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
  const auto followed = std::visit(SystemOf{}, plan.on);
  return std::find(followed.begin(), followed.end(), parameter.value) != followed.end();
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

std::vector<std::string> complaints_about(const System& system, const LayerPlan& plan) {
  std::vector<std::string> wrong;
  const auto shifted = [&](const char* name, double shift_px, Index side, const char* what) {
    if (std::abs(shift_px) < double(side)) return;
    wrong.push_back(plan.name() + ": " + name + " is " + format_number(shift_px) +
                    " px, beyond a plane that is " + std::to_string(side) + " px " + what);
  };
  if (const FreespacePlan* optics = plan.freespace(); optics != nullptr) {
    shifted("shift-x", system.shift_x_px, optics->width(), "wide");
    shifted("shift-y", system.shift_y_px, optics->height(), "high");
  }
  if (const D2nnPlan* masks = plan.d2nn(); masks != nullptr && !masks->moving.empty()) {
    shifted("shift-x", system.shift_x_px, masks->plane.width, "wide");
    shifted("shift-y", system.shift_y_px, masks->plane.height, "high");
    double farthest_mm = masks->entry_mm;
    for (const double gap : masks->gaps_mm) farthest_mm = std::max(farthest_mm, gap);
    if (std::abs(system.axial_um) > 1000 * farthest_mm)
      wrong.push_back(plan.name() + ": axial is " + format_number(system.axial_um) +
                      " µm, more than the longest way between masks, " + format_number(farthest_mm) + " mm");
  }
  return wrong;
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
