// Splits the words of a command line into options and their values. Values are neither checked nor applied
// here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"

namespace pnn::cli {

/// Values for one option, and where they were given ("run.toml:3: "; empty for the command line).
struct Assignment {
  std::string option;
  std::vector<std::string> values;
  std::string where;
};

struct CommandLine {
  std::vector<Assignment> given;    ///< in the order in which the options are declared; a flag's value is
                                    ///< "true", or what follows "="
  std::vector<std::string> extras;  ///< words that belong to no option, in order
};

/// Splits `words`, the command line without the program's name. A list takes one value each time it is named;
/// a positional list takes all remaining words. Throws UsageError if an option lacks its value or has two.
CommandLine parse_command_line(const Options& options, std::span<const std::string> words);

/// Throws UsageError if `extras` is not empty, naming its first word and the known option nearest to it.
void refuse_extras(const Options& options, const std::vector<std::string>& extras);

}  // namespace pnn::cli
