// The few numbers of a file that people want to know first, which differ with its type.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pnn/io/inspect.hpp"

namespace pnn::io {

/// Reads the file with the reader of its type. If the reader refuses it, the only fact is the first
/// complaint.
std::vector<Fact> facts_of(const std::string& path, const std::string& filetype);

/// Work that ended early: what it is ("an unfinished training"), and the tool that goes on with it.
struct Unfinished {
  std::string what, tool;
};
/// What the file holds of a training, a measurement or a sweep that has not come to its end; nothing for a
/// finished file or shard, and for files of other types. Throws InputError as Reader does.
std::optional<Unfinished> unfinished_part(const std::string& path);

}  // namespace pnn::io
