// What a laboratory does with crossbars of phase-change cells.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::pcm::lab {

const PlatformLab& laboratory();

}  // namespace pnn::platforms::pcm::lab
