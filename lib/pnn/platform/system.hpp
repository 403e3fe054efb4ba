// System parameters: what acts on a whole layer and its trainer cannot set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// Offsets from the nominal system. A platform follows those that it knows and ignores the others.
struct System {
  double temperature_k = 0;  ///< ambient minus reference temperature: rings, meshes
  /// Free space and masks, as the next three (warp.hpp says about what, and which way).
  double rotation_rad = 0;
  double shift_x_px = 0, shift_y_px = 0;
  double magnification = 0;  ///< scale minus 1
  double axial_um = 0;       ///< masks: how far along the light (d2nn_masks.hpp)

  System() = default;
  System(double temperature) : temperature_k(temperature) {}  // NOLINT(google-explicit-constructor)
  bool operator==(const System&) const = default;
  System& operator+=(const System& other);
};

/// One of them, as a user names and measures it ("rotation" in "°"), with the range of its values. A value
/// means the same wherever one is written: --set, --vary, --perturb.
struct SystemParameter : Quantity {
  double System::*value;
  double per_unit = 1;  ///< what one such unit is in System
  double nominal = 0;   ///< the value of the nominal system: 1 of a scale, which is a factor
  [[nodiscard]] double to_system(double said) const { return (said - nominal) * per_unit; }
  [[nodiscard]] double of(const System& system) const { return system.*value / per_unit + nominal; }
};
/// All, in the order of System.
const std::vector<SystemParameter>& system_parameters();

/// The parameters that `name` stands for: one of the above, or "shift" for both shift-x and shift-y; none if
/// unknown.
std::vector<const SystemParameter*> find_system_parameters(std::string_view name);
/// Every name that find_system_parameters knows.
std::vector<std::string> system_parameter_names();

}  // namespace pnn::platform
