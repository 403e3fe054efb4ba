// The options that every tool has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pnn/core/options.hpp"

namespace pnn::cli {

struct CommonSettings {
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all that the process may use
  std::string config;
  std::string preset;
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
