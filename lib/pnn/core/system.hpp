// The operating system's errors in words, its memory, and symbolic links.
#pragma once

#include <cstdint>
#include <string>

namespace pnn {

/// A sentence on what happened and what to do if `error_number` (errno) says that the system is at fault and
/// not a file: file descriptors or memory ran out, or a disk failed. Empty for every other error number.
std::string explain_shortage(int error_number);

/// Throws RunError if `bytes` for `what` ("the numbers of this result") exceed the machine's memory and swap.
/// Allocating that much would bring the machine to a halt instead of failing.
void require_memory(std::uint64_t bytes, const std::string& what);

/// The path with symbolic links followed, including a link whose target does not exist yet. Throws UsageError
/// if the links form a circle.
std::string followed(const std::string& path);

}  // namespace pnn
