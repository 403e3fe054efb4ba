#include "pnn/platform/system.hpp"

#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::platform {
namespace {

const char* const both_shifts = "shift";

}  // namespace

System& System::operator+=(const System& other) {
  for (const SystemParameter& p : system_parameters()) p.at(*this) += p.at(other);
  return *this;
}

const std::vector<SystemParameter>& system_parameters() {
  const auto row = [](const char* name, const char* unit, const char* description, double farthest,
                      double System::*member, double per_unit, const char* hint) {
    return SystemParameter{
        {name, unit, description, -farthest, farthest, false, false, hint}, member, 0, per_unit};
  };
  static const std::vector<SystemParameter> all = [&] {
    std::vector<SystemParameter> rows = {
        row("temperature", "K", "ambient minus reference temperature", 200, &System::temperature_k, 1,
            "a difference in K, not a temperature"),
        row("rotation", "°", "rotation of the moving plane, from x (right) to y (down)", 180,
            &System::rotation_rad, std::numbers::pi / 180, ""),
        row("shift-x", "px", "shift of the moving plane to the right", 10'000, &System::shift_x_px, 1, ""),
        row("shift-y", "px", "shift of the moving plane downwards", 10'000, &System::shift_y_px, 1, ""),
        row("scale", "1", "size of the moving plane, a factor", 0, &System::magnification, 1,
            "a factor: 1.05 is 5 % larger"),
        row("axial", "µm", "shift of the moving plane along the light", 1e5, &System::axial_um, 1, ""),
    };
    SystemParameter& scale = rows[4];
    scale.nominal = 1, scale.min = 0.5, scale.max = 2;
    std::size_t own = 0;
    for (const Platform* platform : registry()) {
      for (SystemParameter parameter : platform->own_system_parameters()) {
        require(own < most_own_parameters, "platforms declare few system parameters of their own");
        parameter.own = own++;
        rows.push_back(std::move(parameter));
      }
    }
    return rows;
  }();
  return all;
}

const SystemParameter& system_parameter(std::string_view name) {
  for (const SystemParameter& p : system_parameters())
    if (p.name == name) return p;
  throw InternalError("no system parameter is called " + std::string(name));
}

std::vector<const SystemParameter*> find_system_parameters(std::string_view name) {
  std::vector<const SystemParameter*> found;
  for (const SystemParameter& p : system_parameters()) {
    const bool shifts = p.shared == &System::shift_x_px || p.shared == &System::shift_y_px;
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
