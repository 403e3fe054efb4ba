// The conditions of evaluations by name: what --set and --vary accept.
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

/// The conditions of one evaluation: those imposed on the device, and noise on the controls.
struct Surroundings {
  device::Conditions device;
  double control_noise =
      0;  ///< root mean square, in fractions of the control range; sampled anew for each repeat
};

/// A name that --set and --vary accept: those of device::condition_table, and control-noise.
struct ConditionName : platform::Quantity {
  /// The value that disturbs nothing; NaN if the fabrication process or the device determines it.
  double undisturbed = std::numeric_limits<double>::quiet_NaN();
};
const std::vector<ConditionName>& condition_names();

/// Sets the condition `name` to a value in the unit of condition_names. `option` names the option in
/// messages. Throws UsageError, naming the nearest known name or the allowed range.
void set_condition(Surroundings& surroundings, const std::string& name, double value,
                   std::string_view option);

/// Parses an axis: "temperature=21:23:0.5" for a condition, "NAME=0:0.2:0.05" for a value of the
/// fabrication process. Throws UsageError, naming the nearest known name or the allowed range.
Axis parse_axis(const std::string& text);
/// Whether an axis varies the fabrication process, so that devices are sampled again along it. Only names of
/// process values contain a point.
inline bool is_of_process(const Axis& axis) {
  return axis.name.find('.') != std::string::npos;
}

/// The flat index (last axis fastest) of the condition at which no axis disturbs anything; empty if there is
/// none, or no axis.
std::optional<std::size_t> undisturbed_condition(const std::vector<Axis>& axes);

/// What determines the ambient temperature, and the time of a device call.
struct RoomSettings {
  device::Environment environment = device::Environment::controller;
  double dt = 1;
  void describe(Options& options);
  void apply(device::Conditions& conditions) const;
};

/// What a network runs on.
enum class RunsOn { model, device };

/// Throws UsageError, naming `option`, if the condition `name` acts on none of the layers that `conditions`
/// reach, or on no model where the network runs on one; says what would act, and on which platforms it does.
void check_effect(const std::string& name, const std::vector<platform::AnyPlan>& plans,
                  const device::Conditions& conditions, RunsOn on, const std::string& option);
/// The same for an axis, also for one along the fabrication process, of which `process` has the largest
/// values that the sweep takes.
void check_axis(const Axis& axis, const std::vector<platform::AnyPlan>& plans,
                const platform::Process& process, const device::Conditions& conditions, RunsOn on);

/// The options of conditions that eval, transfer and perturb share.
struct ConditionSettings {
  std::vector<std::string> set;  ///< "temperature=23"
  RoomSettings room;
  std::string only_layers;  ///< layers on which temperature, system parameters and response offsets act
  void describe(Options& options);
  /// The conditions for a network with these physical layers. Throws UsageError as check_effect does.
  [[nodiscard]] Surroundings surroundings(const std::vector<platform::AnyPlan>& plans, RunsOn on) const;
};

}  // namespace pnn::study
