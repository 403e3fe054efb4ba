// The laboratory of micro-ring weight banks (study/lab.hpp): tuning curves, sweeps of pairs, and fits of
// rings.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mrr::lab {

/// The laboratory, for the registry.
const PlatformLab& laboratory();

}  // namespace pnn::platforms::mrr::lab
