// Meshes of Mach-Zehnder interferometers as a platform (platform/platform.hpp); README.md of this folder
// describes them.
#pragma once

#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/mzi/mesh_layer.hpp"

namespace pnn::platforms::mzi {

/// The platform, for the registry.
const Platform& hardware();

/// The mesh of a layer and its detectors; null if the layer is on another platform.
const MeshLayer* mesh_of(const LayerPlan& plan);

}  // namespace pnn::platforms::mzi
