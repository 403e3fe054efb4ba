// The conditions that a study imposes on a chip, by name: what --set and --vary understand.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/device/device.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/study/result.hpp"

namespace pnn::study {

/// Conditions of one evaluation.
struct Surroundings {
  device::Conditions device;
  double control_noise = 0;  ///< rms, in fractions of the control range; one draw a repeat
};

/// What a layer of a model stands in under surroundings; `reference_c` is what temperatures count from.
platform::System model_system(const Surroundings& surroundings, std::size_t layer, double reference_c);

/// One name that --set and --vary know: those of device::condition_table, and control-noise.
struct ConditionName : platform::Quantity {
  /// Where nothing is disturbed; NaN where the process or the device decides.
  double undisturbed = std::numeric_limits<double>::quiet_NaN();
};
const std::vector<ConditionName>& condition_names();

/// Sets `name` to a value in the unit of condition_names. Throws UsageError naming the nearest known one, or
/// the allowed range.
void set_condition(Surroundings& surroundings, const std::string& name, double value,
                   std::string_view option);

/// "temperature=21:23:0.5", a condition, or "mzi.bs=0:0.2:0.05", a value of the fabrication process, → an
/// axis. Throws UsageError naming the nearest known name, or the allowed range.
Axis parse_axis(const std::string& text);
/// Whether devices are drawn anew along the axis: the names of the process alone have a point.
inline bool is_of_process(const Axis& axis) {
  return axis.name.find('.') != std::string::npos;
}

/// The flat index of the condition at which every axis stands undisturbed, the first axis slowest; none where
/// there is no such condition, or no axis.
std::optional<std::size_t> undisturbed_condition(const std::vector<Axis>& axes);

/// The room that a device stands in, and how fast its clock goes.
struct RoomSettings {
  std::string environment = "controller";
  double dt = 1;
  void describe(Options& options);
  void apply(device::Conditions& conditions) const;
};

/// Options that say what surrounds a chip, shared by eval, transfer and perturb.
struct ConditionSettings {
  std::vector<std::string> set;  ///< "temperature=23"
  RoomSettings room;
  std::string only_layers;  ///< layers that temperature, misalignment, detuning and phase reach
  void describe(Options& options);
  /// Conditions of a network whose physical layers are `layers`.
  [[nodiscard]] Surroundings surroundings(const std::vector<std::string>& layers) const;
};

}  // namespace pnn::study
