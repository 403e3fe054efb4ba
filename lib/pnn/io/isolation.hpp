// Lets a library read a file in a child program, so that a forged file that crashes it takes nothing else
// along.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pnn::io {

/// What is read, by which library.
struct Isolated {
  std::string name;             ///< of the file, for messages
  std::uint64_t bytes = 0;      ///< its size, which determines how long the work may take
  std::string library;          ///< "HDF5"
  std::size_t most_result = 0;  ///< the most bytes that the work returns
};

/// Runs `work` in a forked child with limits on memory and time, and returns what it returns. An InputError
/// or RunError that it throws is thrown here. Throws InputError in one sentence if the child crashes, runs
/// out of memory or does not end; RunError if no child can be started, or if this program's own memory or
/// time are too few to tell. Stops when asked to (core/stop).
std::string run_isolated(const Isolated& job, const std::function<std::string()>& work);

}  // namespace pnn::io
