// The laboratory of diffractive networks (study/lab.hpp). It measures and fits nothing: masks are taken as
// designed.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::d2nn::lab {

/// The laboratory, for the registry.
const PlatformLab& laboratory();

}  // namespace pnn::platforms::d2nn::lab
