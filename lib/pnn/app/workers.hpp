// Further processes with the same command line, which share its work.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "pnn/cli/tool.hpp"

namespace pnn::app {

/// Processes with the command line of this one but for its --jobs and --threads, which print nothing. They
/// are asked to end (SIGTERM) when this object ends, or this process, however it ends.
class Workers {
 public:
  /// Starts `count` of them, each with `threads` threads. Throws RunError if that is not possible.
  Workers(int count, int threads);
  /// Asks those that still work to end, and waits for them.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Tells of workers that ended early, once each; the others do their share.
  void look(cli::Context& context);
  /// Waits until all have ended by themselves, which they do when the work is done.
  void finish(cli::Context& context);

 private:
  void note(pid_t pid, int status, cli::Context& context);
  std::vector<pid_t> running_;
};

}  // namespace pnn::app
