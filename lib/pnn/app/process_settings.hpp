// How does a command line change a fabrication process, and which network goes with it?
#pragma once

#include <string>
#include <vector>

#include "pnn/core/options.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::app {

/// --set NAME=VALUE and --variance S: changes of a fabrication process.
struct ProcessSettings {
  std::vector<std::string> set;
  double variance = 1;

  void describe(Options& o);
  /// `process` with the values of --set, and then every spread times --variance. Throws UsageError naming
  /// everything that does not fit together.
  [[nodiscard]] platform::Process applied_to(platform::Process process) const;
};

/// The network, where layers that name no chip take that of the process.
network::Resolved resolve(const network::NetworkSpec& spec, const platform::Process& process);

}  // namespace pnn::app
