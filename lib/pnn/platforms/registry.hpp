// Platforms that a program brings besides those of the library.
#pragma once

#include <vector>

#include "pnn/study/lab.hpp"

namespace pnn::platforms {

/// A program with platforms of its own defines this function, which appends their laboratories behind those
/// of the library (tools/own-platform). It is called once, when the registry is first asked, perhaps before
/// main(). Their words, and the names of their quantities, have to differ from all others.
[[gnu::weak]] void own(std::vector<const study::PlatformLab*>& all);

}  // namespace pnn::platforms
