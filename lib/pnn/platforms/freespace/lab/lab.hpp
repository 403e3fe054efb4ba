// The laboratory of free-space multipliers (study/lab.hpp): registration of their planes.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::freespace::lab {

/// The laboratory, for the registry.
const PlatformLab& laboratory();

}  // namespace pnn::platforms::freespace::lab
