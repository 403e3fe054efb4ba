// Reports what a file is: who made it, from what, with which settings, and what it contains.
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/io/inspect.hpp"

namespace pnn::app {

/// Lines on the file and its ancestors, and one row for each dataset; the same as JSON. Text of the file is
/// escaped where a terminal would interpret it.
void report_file(const io::Summary& summary, cli::Report& report);

}  // namespace pnn::app
