// The time since a crossbar was programmed, as a system parameter: in s to users, in decades to the physics.
#pragma once

#include "pnn/platforms/contract.hpp"

namespace pnn::platforms::pcm {

/// "age", s. System holds D = log10(1 + age / 1 s): drift is in proportion to it.
SystemParameter age_parameter();

/// The registered one, which knows its place in System.
const SystemParameter& age();

/// D of a system.
inline double decades_of(const System& system) {
  return age().at(system);
}

}  // namespace pnn::platforms::pcm
