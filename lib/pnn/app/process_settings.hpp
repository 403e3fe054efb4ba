// Options that change a fabrication process.
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
  /// `process` with the values of --set, and then with every spread multiplied by --variance. Throws
  /// UsageError, naming everything that does not fit together.
  [[nodiscard]] platform::Process applied_to(platform::Process process) const;
  /// Throws UsageError for a value of --set that acts on none of these layers, or on nothing in `process`,
  /// which has it: a length of correlation where no share of a deviation varies smoothly.
  void check_effect(const std::vector<platform::AnyPlan>& plans, const platform::Process& process) const;
};

}  // namespace pnn::app
