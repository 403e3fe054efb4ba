// The source that drives a control, for example a current source: its range and its resolution.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pnn::platform {

/// Range and resolution of a source: 2^bits levels, the first at `lower`, the last at `upper`.
struct Source {
  double lower = 0, upper = 0;  ///< in the unit of the control
  double bits = 0;              ///< 0: exact, without rounding
};

/// A range of float numbers, ends included.
struct FloatRange {
  float lower = 0, upper = 0;
};
/// The largest float range within [lower, upper]: its ends are rounded inwards, since rounding to the nearest
/// float may exceed a limit (4.8 by 2e-7). If no float lies within, lower > upper.
FloatRange inwards(double lower, double upper);
/// The same; throws UsageError, beginning with `where`, if no float lies within.
FloatRange within(double lower, double upper, const std::string& where);

/// Where each control of a layer may be, as floats. Empty: anywhere in the range of its source.
struct ControlBounds {
  std::vector<float> lower, upper;  ///< [controls]; infinite where there is no bound, as of angles
  [[nodiscard]] bool empty() const { return lower.empty(); }
  /// Whether a control is held at one value.
  [[nodiscard]] bool held(std::size_t control) const { return lower[control] == upper[control]; }
};

/// The output of the source for each requested value: the nearest level (of two equally near ones the even
/// one), never outside the range. Both spans have one size and may be the same.
void drive(const Source& source, std::span<const float> requested, std::span<float> driven);

/// Moves each control into [lower, upper]: an angle outside is wrapped by whole turns first, and what is then
/// still outside is clipped to the nearer end. Returns how many controls were clipped by more than the
/// rounding of an end to float.
std::uint64_t project(std::span<float> controls, double lower, double upper, bool angles);
/// The same with bounds of each control's own; returns how many controls were moved, by more than whole
/// turns.
std::uint64_t project(std::span<float> controls, const ControlBounds& bounds, bool angles);

}  // namespace pnn::platform
