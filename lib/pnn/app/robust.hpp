// --robust: the training tool decides what the user has not.
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/train/robust.hpp"

namespace pnn::app {

void describe_robust(Options& options, bool& robust);
/// Settles what neither the command line nor a configuration decided (a preset's choices give way), and says
/// in one line what it is. Throws what train::settle_robust throws.
void settle_robust(train::TrainSettings& settings, const network::Resolved& network,
                   const platform::Process& process, std::size_t samples, cli::Context& context);

}  // namespace pnn::app
