// System parameters: what acts on a whole layer and no control can compensate (temperature, misalignment).
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// Largest number of system parameters that all platforms together may declare beside the shared ones.
inline constexpr std::size_t most_own_parameters = 8;

/// Deviations from the nominal system. A layer follows the parameters that its plan names and ignores the
/// others.
struct System {
  double temperature_k = 0;  ///< ambient minus reference temperature
  /// Misalignment of the moving plane, of those that light passes one after the other, in the next five
  /// (about which point and in which direction: warp.hpp; which plane moves: the page of the platform).
  double rotation_rad = 0;
  double shift_x_px = 0, shift_y_px = 0;
  double magnification = 0;  ///< scale minus 1
  double axial_um = 0;       ///< shift along the direction of light
  /// Parameters of single platforms, in the order of the registry.
  std::array<double, most_own_parameters> own{};

  System() = default;
  System(double temperature) : temperature_k(temperature) {}  // NOLINT(google-explicit-constructor)
  bool operator==(const System&) const = default;
  System& operator+=(const System& other);
};

/// A system parameter as users name and measure it ("rotation" in "°"), with its range. --set, --vary and
/// --perturb use the same values.
struct SystemParameter : Quantity {
  double System::*shared = nullptr;  ///< its member of System; null for a platform's own parameter
  std::size_t own = 0;               ///< its index in System::own, which the registry sets
  double per_unit = 1;               ///< size of one of its units in System
  double nominal = 0;                ///< value in the nominal system, for example 1 for a scale factor
  /// Conversions of a parameter that is not proportional to its value in System (for example a time, by its
  /// logarithm); otherwise null.
  double (*into_system)(double said) = nullptr;
  double (*out_of_system)(double value) = nullptr;

  [[nodiscard]] double& at(System& system) const { return shared ? system.*shared : system.own[own]; }
  [[nodiscard]] double at(const System& system) const { return shared ? system.*shared : system.own[own]; }
  /// Whether all its values are at or above that of the nominal system.
  [[nodiscard]] bool one_sided() const { return min >= nominal; }
  [[nodiscard]] double to_system(double said) const {
    return into_system ? into_system(said) : (said - nominal) * per_unit;
  }
  [[nodiscard]] double of(const System& system) const {
    return out_of_system ? out_of_system(at(system)) : at(system) / per_unit + nominal;
  }
};
/// All system parameters: the shared ones in the order of System, then those of the platforms in the order of
/// the registry.
const std::vector<SystemParameter>& system_parameters();
/// The parameter of this name, which must exist.
const SystemParameter& system_parameter(std::string_view name);

/// The parameters that `name` stands for: one, or for "shift" both shift-x and shift-y; none if the name is
/// unknown.
std::vector<const SystemParameter*> find_system_parameters(std::string_view name);
/// All names that find_system_parameters knows.
std::vector<std::string> system_parameter_names();

}  // namespace pnn::platform
