// Diffractive networks (phase masks before a camera) as a platform (platform/platform.hpp); README.md of this
// folder describes them.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/d2nn/plan.hpp"

namespace pnn::platforms::d2nn {

/// The platform, for the registry.
const Platform& hardware();

/// The masks of a layer; null if the layer is on another platform.
const Plan* masks_of(const LayerPlan& plan);

}  // namespace pnn::platforms::d2nn
