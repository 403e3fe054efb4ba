// Reports the landscapes around trained parameters.
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/study/exploration.hpp"

namespace pnn::app {

/// Table and JSON with one row for each method and the requested columns. Warns of points whose loss is not
/// finite.
void report_landscapes(const study::Exploration& exploration, cli::Context& context);

}  // namespace pnn::app
