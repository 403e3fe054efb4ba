// What the fringes of a mesh tell about the process that made it.
#pragma once

#include "pnn/platforms/lab.hpp"

namespace pnn::platforms::mzi::lab {

/// The static phases; fringes tell no splitter. Places are those that the names of the phases tell, in MZIs:
/// φ at its column, θ half a column behind it, ψ and attenuators behind the last column, and a second mesh
/// behind these; two modes are one MZI. Throws InputError for a phase whose name tells none.
study::ProcessView view_of_process(const ChipModel& chip);

}  // namespace pnn::platforms::mzi::lab
