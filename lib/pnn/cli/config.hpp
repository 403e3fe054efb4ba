// Reads settings from TOML (configuration files and presets), and writes them (--print-config).
//
//   epochs = 20                        # top level: options of the tool that reads the file, without dashes
//   layers = ["dense:out=10", "relu"]    # a list option x is read from key x or xs
//   [pnn-train]                        # for this tool alone (and pnn-tune, which trains); others ignore it
//   method = "sat"
//   [network]                          # inputs and layers, for every tool that describes a network
//   [process]                          # NAME = 0.1: --set NAME=0.1, for every tool that has it
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pnn/cli/command_line.hpp"
#include "pnn/core/options.hpp"

namespace pnn::cli {

struct Configuration {
  /// In rising precedence: [network], top level, the tool's own table. A later assignment replaces an earlier
  /// one.
  std::vector<Assignment> assignments;
  /// Names and values of the table [process], sorted by name.
  std::vector<std::pair<std::string, std::string>> process;
};

/// Reads TOML `text` for the tool named `tool`; `source` names the text in messages. Throws InputError if it
/// is not TOML or has a key of more than 8 parts, and UsageError "source:line: …" for an unknown key or
/// table, naming the nearest known one.
Configuration parse_configuration(const std::string& text, const std::string& source, const std::string& tool,
                                  const Options& options);
/// Reads a file likewise. Throws InputError also if it cannot be read or is larger than 1 MiB.
Configuration read_configuration(const std::string& path, const std::string& tool, const Options& options);
/// Reads the preset of that name likewise. Throws UsageError, listing the known presets, if there is none.
Configuration find_preset(const std::string& name, const std::string& tool, const Options& options);

/// Whose settings they are.
enum class Origin { preset, user };
/// Sets each option to its assigned values and marks it as given, and as a preset's where it is. Throws
/// UsageError, beginning with the assignment's place.
void apply_assignments(const std::vector<Assignment>& assignments, Origin origin, Options& options);
/// Adds `process` to the values of --set, with lower precedence: a name in both keeps the value of --set.
void apply_process(const std::vector<std::pair<std::string, std::string>>& process, Origin origin,
                   Options& options);

/// All settings of `tool` with their effective values, and those other options that were given, as TOML that
/// parse_configuration reads back to the same values. The help of each option precedes it; unset options,
/// and values of a preset that act on nothing here, appear as comments.
std::string print_configuration(const std::string& tool, const Options& options);

}  // namespace pnn::cli
