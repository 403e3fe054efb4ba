// The few numbers of a file that people want to know first, which differ with its type.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/inspect.hpp"

namespace pnn::io {

/// Reads the file with the reader of its type. If the reader refuses it, the only fact is the first
/// complaint.
std::vector<Fact> facts_of(const std::string& path, const std::string& filetype);

}  // namespace pnn::io
