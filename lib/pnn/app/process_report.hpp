// How an estimated process is read, told and written.
#pragma once

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"
#include "pnn/study/process_fit.hpp"

namespace pnn::app {

/// The places of dies on their wafer from a table with the columns die, x and y, in mm. Throws InputError for
/// a table without them or with another unit.
std::vector<study::DiePosition> read_positions(const std::string& path, cli::Context& context);

/// The table of quantities, and the same as values for programs.
void report_process(const study::ProcessFit& fit, cli::Report& report);

/// A configuration whose [process] is the estimated one, for --config of every tool that draws chips or fits;
/// standard errors stand in comments.
std::string configuration_of(const study::ProcessFit& fit);

}  // namespace pnn::app
