// Free-space multipliers (display, modulator, camera) as a platform (platform/platform.hpp); README.md of
// this folder describes them.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/freespace/plan.hpp"

namespace pnn::platforms::freespace {

/// The platform, for the registry.
const Platform& hardware();

/// The planes of a layer; null if the layer is on another platform.
const Plan* planes_of(const LayerPlan& plan);

}  // namespace pnn::platforms::freespace
