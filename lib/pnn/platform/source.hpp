// The source that drives a control: its range and its steps.
#pragma once

#include <cstdint>
#include <span>

namespace pnn::platform {

/// Range and resolution of a source. 2^bits levels, the first at `lower`, the last at `upper`.
struct Source {
  double lower = 0, upper = 0;  ///< in the unit of the control
  double bits = 0;              ///< 0: exact
};

/// What the source puts out when asked for `requested`: the nearest level (the even one of two equally near),
/// never outside the range. Both spans have one size and may be the same.
void drive(const Source& source, std::span<const float> requested, std::span<float> driven);

/// Brings each control into [lower, upper], compared in float as a device is told them: an angle that lies
/// outside is wrapped into its turn first, what is then still outside is held at the nearer end. Returns how
/// many were held.
std::uint64_t project(std::span<float> controls, double lower, double upper, bool angles);

}  // namespace pnn::platform
