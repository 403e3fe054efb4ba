// Settings from TOML: configuration files and presets, and the way back (--print-config).
//
//   epochs = 20                        # top level: options of the tool that reads the file, without dashes
//   layers = ["mrr:out=10", "relu"]    # a list option x is read from key x or xs
//   [pnn-train]                        # for this tool alone; other tools pass over it
//   method = "sat"
//   [network]                          # inputs and layers, for every tool that describes a network
//   [process]                          # mrr.delta.sigma = 0.1: --set, for every tool that has it
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pnn/cli/command_line.hpp"
#include "pnn/core/options.hpp"

namespace pnn::cli {

struct Configuration {
  /// Weakest first: [network], top level, the tool's own table. A later one replaces an earlier.
  std::vector<Assignment> assignments;
  /// Names and values of [process], in the order of their names.
  std::vector<std::pair<std::string, std::string>> process;
};

/// Reads TOML `text` for `tool`; `source` names it in messages. Throws InputError for what is not TOML or has
/// a key of more than 8 parts, and UsageError "source:line: …" for unknown keys and tables, naming the
/// nearest known one.
Configuration parse_configuration(const std::string& text, const std::string& source, const std::string& tool,
                                  const Options& options);
/// The same from a file; InputError when it cannot be read or is larger than 1 MiB.
Configuration read_configuration(const std::string& path, const std::string& tool, const Options& options);
/// The preset of that name; UsageError lists the known ones.
Configuration find_preset(const std::string& name, const std::string& tool, const Options& options);

/// Hands each assignment to its option and marks it as given. Throws UsageError with the assignment's place.
void apply_assignments(const std::vector<Assignment>& assignments, Options& options);
/// Puts `process` below the values of --set: a name that both have keeps the value of --set.
void apply_process(const std::vector<std::pair<std::string, std::string>>& process, Options& options);

/// Every effective setting of `tool`, and other options where given, as TOML that parse_configuration reads
/// back to the same values; the help of each stands above it, unset ones stand as comments.
std::string print_configuration(const std::string& tool, const Options& options);

}  // namespace pnn::cli
