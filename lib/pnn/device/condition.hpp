// The numbers of Conditions by name, unit and range: one table, which --set, --vary and impose hold to.
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

/// One number of Conditions as a user names and measures it: "drift" in K, "rotation" in °, "scale" as a
/// factor.
struct Condition : platform::Quantity {
  /// The value where nothing is disturbed; NaN where the process or the device decides.
  double undisturbed = std::numeric_limits<double>::quiet_NaN();
  /// Its value in `conditions`; none where the process or the device decides.
  std::function<std::optional<double>(const Conditions& conditions)> of;
  std::function<void(Conditions& conditions, double value)> set;
};

/// Every one, in a fixed order. "shift" sets both shift-x and shift-y.
const std::vector<Condition>& condition_table();
/// The one of that name, or null.
const Condition* find_condition(std::string_view name);

/// Throws UsageError naming every number that is out of the range of its table, every shift that takes a
/// picture off its plane, and everything else that does not fit a device with layers on `plans`.
void check_conditions(const Conditions& conditions, const std::vector<platform::LayerPlan>& plans);

}  // namespace pnn::device
