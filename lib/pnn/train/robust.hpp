// The settings of --robust: what is known to keep accuracy on chips and in conditions that no training has
// seen, for whatever the user has not decided.
//
//   method     drawn-sat: momentum-SAM on the controls, on chips sampled from the process where it has
//   spreads draws      parts of a batch, each on a chip and in conditions of its own, of four samples (with
//   batch
//              normalisation of eight)
//   radius     RobustSettings::radius of the platform
//   rate       RobustSettings::rate, constant, and the running mean of the parameters over a tenth of the
//   training; with
//              batch normalisation annealed_rate as a cosine, and statistics that stand still after a fifth
//              of it
//
// Chosen on validation samples and chips; scripts/reproduce has the comparisons.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pnn/network/network.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// Sets every option of `settings` that makes a training robust and of which `open(option)` says that nobody
/// has decided it. `samples`: number of training samples. Returns what was set, "--rho 0.002", in the order
/// of the help. Throws UsageError where a training on the device, or a task, has no such settings.
std::vector<std::string> settle_robust(TrainSettings& settings,
                                       const std::function<bool(const std::string& option)>& open,
                                       const network::Resolved& network, const platform::Process& process,
                                       std::size_t samples);

}  // namespace pnn::train
