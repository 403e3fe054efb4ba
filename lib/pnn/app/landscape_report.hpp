// What is said of the landscapes around trained parameters, in a table and to a program?
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/study/exploration.hpp"

namespace pnn::app {

/// One row a method, with a column for what was asked for; warns of points whose loss is not finite.
void report_landscapes(const study::Exploration& exploration, cli::Context& context);

}  // namespace pnn::app
