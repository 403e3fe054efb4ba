#include "pnn/platform/system.hpp"

#include <numbers>

namespace pnn::platform {
namespace {

const char* const both_shifts = "shift";

}  // namespace

System& System::operator+=(const System& other) {
  for (const SystemParameter& p : system_parameters()) this->*p.value += other.*p.value;
  return *this;
}

const std::vector<SystemParameter>& system_parameters() {
  static const std::vector<SystemParameter> all = {
      {"temperature", "K", "ambient minus reference temperature", &System::temperature_k, 1},
      {"rotation", "°",
       "rotation of the display's picture on the modulator, or of the moving masks, from x (right) to y "
       "(down)",
       &System::rotation_rad, std::numbers::pi / 180},
      {"shift-x", "px", "shift of picture or masks to the right", &System::shift_x_px, 1},
      {"shift-y", "px", "shift of picture or masks downwards", &System::shift_y_px, 1},
      {"scale", "1", "magnification of picture or masks, minus 1", &System::magnification, 1},
      {"axial", "µm", "shift of the moving masks along the light", &System::axial_um, 1},
  };
  return all;
}

std::vector<const SystemParameter*> find_system_parameters(std::string_view name) {
  std::vector<const SystemParameter*> found;
  for (const SystemParameter& p : system_parameters()) {
    const bool shifts = p.value == &System::shift_x_px || p.value == &System::shift_y_px;
    if (name == p.name || (name == both_shifts && shifts)) found.push_back(&p);
  }
  return found;
}

std::vector<std::string> system_parameter_names() {
  std::vector<std::string> names;
  for (const SystemParameter& p : system_parameters()) names.emplace_back(p.name);
  names.emplace_back(both_shifts);
  return names;
}

}  // namespace pnn::platform
