// What the build installs of a tool besides the tool: its manual page, and how shells complete its command
// line. Both come from the declarations that --help prints.
#pragma once

#include <optional>
#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/core/options.hpp"

namespace pnn::cli {

/// The page for man(1), in the language of man(7).
std::string manual_page(const ToolInfo& info, const Options& options);
/// What the shell reads to complete the options of the tool, their words and names of files.
std::string bash_completion(const ToolInfo& info, const Options& options);
std::string zsh_completion(const ToolInfo& info, const Options& options);
std::string fish_completion(const ToolInfo& info, const Options& options);

/// The text that a tool prints for the word --help-man, --help-bash, --help-zsh or --help-fish alone, which
/// no help names since the build alone says them; nothing for any other word. Call it before settings are
/// applied, as help_text.
std::optional<std::string> generated_page(const std::string& word, const ToolInfo& info,
                                          const Options& options);

}  // namespace pnn::cli
