// Trims a deployed network with training samples that are shown to its device: set point, gains, statistics.
#pragma once

#include <span>

#include "pnn/network/dataset.hpp"
#include "pnn/study/adjustment.hpp"
#include "pnn/study/deployment.hpp"

namespace pnn::study {

/// Makes `trims` but for a fine-tuning on `chip` under the conditions `surroundings`, one after the other,
/// with the samples `calibration`, and adds what they cost to `deployed.spent`. The set point is searched
/// around that of the surroundings. The temperature costs a look at all samples for each set point that it
/// tries, each of the others one.
void trim_on_chip(Deployed& deployed, std::span<const Trim> trims, const network::Resolved& network,
                  const train::Params& params, const network::SplitView& calibration, Chip& chip,
                  const Surroundings& surroundings);

}  // namespace pnn::study
