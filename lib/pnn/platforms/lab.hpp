// Includes the part of the contract that the laboratory of a platform implements, and makes its names
// available in the namespaces of the laboratories.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::platforms {
using namespace model;  // NOLINT(google-build-using-namespace): this is what the folders below implement
using namespace study;  // NOLINT(google-build-using-namespace)
}  // namespace pnn::platforms
