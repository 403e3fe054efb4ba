// What --help and --version print.
#pragma once

#include <string>
#include <vector>

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
/// What stands for its value: "FILE", or "up|down".
std::string value_word(const Option& option);
/// The end of its help: " (may be repeated) [default: 3]".
std::string default_note(const Option& option);
/// The lines of an example as commands that can be pasted into a shell.
std::string commands(const std::string& example);
/// The headings of the options, each once, in their order.
std::vector<std::string> groups_of(const Options& options);

}  // namespace pnn::cli
