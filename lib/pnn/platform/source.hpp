// The source that drives a control: its range and its steps.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace pnn::platform {

/// Range and resolution of a source. 2^bits levels, the first at `lower`, the last at `upper`.
struct Source {
  double lower = 0, upper = 0;  ///< in the unit of the control
  double bits = 0;              ///< 0: exact
};

/// A range in float.
struct FloatRange {
  float lower = 0, upper = 0;
};
/// The floats that lie within [lower, upper], ends included: rounded inwards, where rounding to the nearest
/// leaves 4.8 by 2e-7. Without any, lower > upper.
FloatRange inwards(double lower, double upper);
/// The same; throws UsageError, beginning with `where`, where no float lies within.
FloatRange within(double lower, double upper, const std::string& where);

/// What the source puts out when asked for `requested`: the nearest level (the even one of two equally near),
/// never outside the range. Both spans have one size and may be the same.
void drive(const Source& source, std::span<const float> requested, std::span<float> driven);

/// Brings each control into [lower, upper] by floats that lie within: an angle that lies outside is wrapped
/// into its turn first, what is then still outside is held at the nearer end. Returns how many were held
/// that ask for more than the nearest float of an end.
std::uint64_t project(std::span<float> controls, double lower, double upper, bool angles);

}  // namespace pnn::platform
