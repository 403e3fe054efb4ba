// What --help and --version print.
#pragma once

#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"

namespace pnn::cli {

/// "usage: pnn-fit [options] CURVES -o FILE"
std::string usage_line(const ToolInfo& info, const Options& options);
/// The text of --help: usage, summary, what is read and written, every option with its default under its
/// heading, the details, the example, and related tools and pages. Call it before settings are applied, since
/// it shows the present values as defaults.
std::string help_text(const ToolInfo& info, const Options& options);
/// "pnn-fit 0.1.0 (file format 1.0)"
std::string version_line(const ToolInfo& info);
/// The option's name in messages: "--rho", or "CURVES" for a positional option.
std::string spoken_name(const Option& option);

}  // namespace pnn::cli
