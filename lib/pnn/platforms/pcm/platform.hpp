// Crossbars of phase-change cells as a platform.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/pcm/plan.hpp"

namespace pnn::platforms::pcm {

const Platform& hardware();

/// The arrays of a layer; null where the layer is another platform's.
const Plan* arrays_of(const LayerPlan& plan);

}  // namespace pnn::platforms::pcm
