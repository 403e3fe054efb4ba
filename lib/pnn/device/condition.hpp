// The numbers of Conditions by name, with unit and range: the one table behind --set, --vary and the
// protocol's `impose`.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/device/device.hpp"
#include "pnn/platform/quantity.hpp"

namespace pnn::device {

/// One number of Conditions under the name and in the unit that users see: "drift" in K, "rotation" in °,
/// "scale" as a factor.
struct Condition : platform::Quantity {
  /// The value that disturbs nothing; NaN if the fabrication process or the device determines it.
  double undisturbed = std::numeric_limits<double>::quiet_NaN();
  /// The value in `conditions`; empty if the fabrication process or the device determines it.
  std::function<std::optional<double>(const Conditions& conditions)> of;
  std::function<void(Conditions& conditions, double value)> set;
};

/// All conditions, in a fixed order. "shift" sets both shift-x and shift-y.
const std::vector<Condition>& condition_table();
/// The condition of that name, or null.
const Condition* find_condition(std::string_view name);

/// Throws UsageError, naming every number outside its range, every shift that moves a picture off its plane,
/// and everything else that does not fit a device whose layers have these `plans`.
void check_conditions(const Conditions& conditions, const std::vector<platform::AnyPlan>& plans);

}  // namespace pnn::device
