// Where controls may be: the range of their source, narrowed to what was measured of their elements, to the
// limits of their owner, and for a control that is held to one value. A training, a transfer and an
// evaluation keep every control within its bounds, on a model as on a device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace pnn::platform {

/// What a user says of controls, besides --limits.
struct BoundSettings {
  std::vector<std::string> fixed;   ///< "LAYER[INDEX]=VALUE", with the number of a control or its row,column
  bool extrapolate = false;         ///< controls may leave what was measured
  void describe(Options& options);  ///< --fix, --extrapolate
};

/// A range that the owner of a device allows: "0:4.5" for every layer, "LAYER=0:4.5" for one.
struct OwnersLimits {
  std::string layer;  ///< empty: all
  double lower, upper;
};
/// Parses one value of --limits. Throws UsageError, also for a layer that none of `plans` is.
OwnersLimits parse_limits(const std::string& text, const std::vector<AnyPlan>& plans);

/// The range of each layer's source; angles have none. One element for each plan.
std::vector<ControlBounds> source_bounds(const std::vector<AnyPlan>& plans, const Process& process);

/// Narrows bounds to --limits. Throws UsageError if a limit is no range, names no layer, or leaves nothing.
void apply_limits(std::vector<ControlBounds>& bounds, const std::vector<AnyPlan>& plans,
                  const std::vector<std::string>& limits);
/// Narrows the bounds of the controls that --fix names to their value. Throws UsageError for a layer or a
/// control that does not exist, for one that is named twice, and for a value outside its bounds.
void apply_fixed(std::vector<ControlBounds>& bounds, const std::vector<AnyPlan>& plans,
                 const std::vector<std::string>& fixed);

/// Narrows `bounds` to `others`, each layer that has any. A control whose two ranges have nothing in common
/// keeps the end of its own range that is nearer.
void intersect(std::vector<ControlBounds>& bounds, const std::vector<ControlBounds>& others);

/// The same with those controls alone that `others` hold at one value.
void keep_held(std::vector<ControlBounds>& bounds, const std::vector<ControlBounds>& others);

/// Whether bounds are narrower than `whole` somewhere.
bool narrower(const ControlBounds& bounds, const ControlBounds& whole);
/// Sets the gradient of controls that are held to 0. `gradient` [all controls], layer after layer.
void release_held(const std::vector<ControlBounds>& bounds, std::span<float> gradient);
/// Moves controls [all layers, one after the other] into their bounds; returns how many were moved.
std::uint64_t project(std::span<float> controls, const std::vector<ControlBounds>& bounds,
                      const std::vector<AnyPlan>& plans);

}  // namespace pnn::platform
