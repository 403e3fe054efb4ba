// What a user typed, told apart into options; nothing is checked or applied here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pnn/core/options.hpp"

namespace pnn::cli {

/// Values for one option, and where they stand ("run.toml:3: "; empty for the command line).
struct Assignment {
  std::string option;
  std::vector<std::string> values;
  std::string where;
};

struct CommandLine {
  std::vector<Assignment> given;    ///< in order of declaration; a flag's value is "true" or what follows =
  std::vector<std::string> extras;  ///< words that no option takes, in order
};

/// `words` without the program's name. A list takes one value each time it is named; a positional list takes
/// every word left over. Throws UsageError when an option lacks its value or has two.
CommandLine parse_command_line(const Options& options, std::span<const std::string> words);

/// Throws UsageError on the first word that no option takes, naming the nearest known option.
void refuse_extras(const Options& options, const std::vector<std::string>& extras);

}  // namespace pnn::cli
