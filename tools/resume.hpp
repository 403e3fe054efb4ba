// Does an unfinished output belong to the work at hand?
#pragma once

#include <string>

#include "pnn/core/errors.hpp"
#include "pnn/core/options.hpp"
#include "pnn/core/provenance.hpp"

namespace pnn::tools {

/// --resume FILE. It and the number of interruptions leave no trace in the output.
inline void describe_resume(Options& o, std::string& path) {
  o.text("resume", path, "FILE", "an unfinished output of the same command to continue").role =
      Option::Role::transport;
}

/// Throws UsageError where `path`, whose header is `before`, was begun with other options than `now`, and
/// InputError where with other input files.
inline void check_same_work(const Provenance& before, const Provenance& now, const std::string& path) {
  if (before.command != now.command)
    throw UsageError("--resume: " + path + " was begun with other options (" + before.command + ")");
  // the same command takes its inputs in the same order
  for (std::size_t k = 0; k < now.parents.size(); ++k) {
    if (k >= before.parents.size() || before.parents[k].hash != now.parents[k].hash)
      throw InputError("--resume: " + path + " was begun with another file of role \"" + now.parents[k].role +
                       "\"");
  }
}

}  // namespace pnn::tools
