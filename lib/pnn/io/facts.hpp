// The few numbers that a person wants to know first of a file.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/inspect.hpp"

namespace pnn::io {

/// Reads the file with its own reader; a file that the reader refuses has one fact, the first complaint.
std::vector<Fact> facts_of(const std::string& path, const std::string& filetype);

}  // namespace pnn::io
