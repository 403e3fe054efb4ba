// Micro-ring weight banks as a platform (platform/platform.hpp); README.md of this folder describes them.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"

namespace pnn::platforms::mrr {

/// The platform, for the registry.
const Platform& hardware();

/// The bank of a layer; null if the layer is on another platform.
const BankPlan* bank_of(const LayerPlan& plan);

}  // namespace pnn::platforms::mrr
