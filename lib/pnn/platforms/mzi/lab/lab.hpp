// The laboratory of meshes of interferometers (study/lab.hpp): fringes of phase shifters.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mzi::lab {

/// The laboratory, for the registry.
const PlatformLab& laboratory();

}  // namespace pnn::platforms::mzi::lab
