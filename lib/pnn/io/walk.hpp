// Every dataset of a file, without knowing its filetype.
#pragma once

#include <string>
#include <vector>

#include "pnn/io/reader.hpp"

namespace pnn::io {

/// Paths of all datasets, depth first in the order of their making; of hard links to one group the first.
/// Throws InputError on more than 100 000 objects or 16 levels (no file of ours).
std::vector<std::string> dataset_paths(const Reader& reader);

/// What the reader of its filetype complains of.
std::vector<std::string> reader_complaints(const std::string& path, const std::string& filetype);

}  // namespace pnn::io
