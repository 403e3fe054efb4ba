// What is said of a file: who made it, from what, with which settings, and what it holds?
#pragma once

#include "pnn/cli/tool.hpp"
#include "pnn/io/inspect.hpp"

namespace pnn::app {

/// Lines on the file and its ancestors, and a row a dataset; the same as JSON. Text of the file is shown with
/// escapes where a terminal would act on it.
void report_file(const io::Summary& summary, cli::Report& report);

}  // namespace pnn::app
