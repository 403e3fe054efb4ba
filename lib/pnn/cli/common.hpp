// The options that every tool has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pnn/core/options.hpp"

namespace pnn::cli {

/// The values of these options; describe() declares them.
struct CommonSettings {
  std::uint64_t seed = 1;
  int threads = 0;                   ///< 0: all that the program may use
  std::string config;                ///< path of a TOML file
  std::string preset;                ///< name of a preset
  std::optional<double> time_limit;  ///< s
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool print_config = false;
  bool help = false;
  bool version = false;

  void describe(Options& options);
};

}  // namespace pnn::cli
