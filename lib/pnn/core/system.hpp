// What the operating system says, in words: errors that no file is to blame for, and where a name leads.
#pragma once

#include <cstdint>
#include <string>

namespace pnn {

/// Why a call failed for which no file is to blame, and what to do: descriptors or memory ran out, or a disk
/// failed. Empty for every other error number.
std::string explain_shortage(int error_number);

/// Throws RunError where `bytes` for `what` ("the numbers of this result") are more than the whole machine
/// has, swap included: asked for in vain, it would take the machine down with it instead of failing.
void require_memory(std::uint64_t bytes, const std::string& what);

/// Where a path leads: followed through symbolic links, also one whose target does not exist yet. Throws
/// UsageError where links lead in a circle.
std::string followed(const std::string& path);

}  // namespace pnn
