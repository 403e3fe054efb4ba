// Response offsets: what conditions add to the response of each control's element, for example a detuning or
// a phase.
#pragma once

#include "pnn/platform/quantity.hpp"

namespace pnn::platform {

/// The offset that all elements have in common ("detuning", nm), and the standard deviation of a further
/// offset of each element's own ("detuning-spread"). Several platforms may use the same response offset.
struct ResponseOffset {
  Quantity common, spread;
};

/// The offset of controls that are phases, in rad.
const ResponseOffset& phase_offset();

}  // namespace pnn::platform
