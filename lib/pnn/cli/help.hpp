// What --help and --version print.
#pragma once

#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"

namespace pnn::cli {

/// "usage: pnn-fit [options] CURVES -o FILE"
std::string usage_line(const ToolInfo& info, const Options& options);
/// Usage, summary, what is read and written, every option with its default under its heading, the details,
/// the worked example, and what else to look at. Call it before settings are applied: the defaults shown are
/// the present values.
std::string help_text(const ToolInfo& info, const Options& options);
/// "pnn-fit 0.1.0 (file format 1.0)"
std::string version_line(const ToolInfo& info);
/// How a user names the option in a command: "--rho", or "CURVES" for one given by place.
std::string spoken_name(const Option& option);

}  // namespace pnn::cli
