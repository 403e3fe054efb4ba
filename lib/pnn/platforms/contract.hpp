// Includes the contract that every platform implements, and makes its names available in the namespaces of
// the platforms.
#pragma once

#include "pnn/platform/platform.hpp"
#include "pnn/platform/quantity.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::platforms {
using namespace platform;  // NOLINT(google-build-using-namespace): this is what the folders below implement
}  // namespace pnn::platforms
