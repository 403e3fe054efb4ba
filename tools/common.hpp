// What the tools that make chips and models share: the process on the command line, the network that goes
// with it, and how many of a list are worth a line.
#pragma once

#include <string>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/text.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::tools {

/// --set NAME=VALUE and --variance S: changes of a fabrication process.
struct ProcessSettings {
  std::vector<std::string> set;
  double variance = 1;

  void describe(Options& o) {
    o.group("Process");
    o.list("set", set, "NAME=VALUE",
           "a value of the process, such as mrr.delta.sigma=0.1 (nm) or mzi.split=0.15; an unknown name "
           "lists the "
           "near one");
    o.number("variance", variance, "S", "factor on every spread over rings, after --set",
             Limits::non_negative());
  }
  /// `process` with the changes; throws UsageError naming everything that does not fit together.
  [[nodiscard]] platform::Process applied_to(platform::Process process) const {
    for (const std::string& assignment : set) platform::set_process_value(process, assignment);
    process = platform::scale_spreads(process, variance);
    const std::vector<std::string> complaints = platform::check_process(process);
    if (!complaints.empty()) throw UsageError("process: " + join(complaints, "; "));
    return process;
  }
};

/// The network with the process's chip for layers that name none.
inline network::Resolved resolve(const network::NetworkSpec& spec, const platform::Process& process) {
  return network::resolve(spec, int(process.mrr.chip_rows), int(process.mrr.chip_cols));
}

}  // namespace pnn::tools
