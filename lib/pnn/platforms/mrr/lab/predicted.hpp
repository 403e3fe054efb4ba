// Predicts the tuning curves of measured rings from a model.
#pragma once

#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {

/// The response of each measured ring alone (for airy+crosstalk without the light and the heat of its
/// neighbours), as the maps of the model compute it. Implements PlatformLab::predicted.
ChipCurves predicted_rings(const Process& process, const ChipModel& chip, const ChipCurves& measured,
                           std::size_t points);

}  // namespace pnn::platforms::mrr::lab
