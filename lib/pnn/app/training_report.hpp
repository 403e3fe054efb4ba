// Reports a training when it ends.
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/train/params.hpp"

namespace pnn::app {

/// Table, JSON and accounts of trained parameters: epochs and gradients, accuracy or loss of the last epoch,
/// heater power, device calls.
void report_training(const train::Params& params, cli::Context& context);

}  // namespace pnn::app
