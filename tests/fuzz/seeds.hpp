// Where mutations start: one file of every filetype, files of strangers, and the corpus.
#pragma once

#include <string>
#include <vector>

#include "mutation.hpp"

namespace fuzz {

/// Files made now, so of the present format, and small pictures and tables.
std::vector<Seed> made_seeds();
/// Every file of a folder and the folders in it, by name. Throws std::runtime_error where there is no such
/// folder.
std::vector<Seed> folder_seeds(const std::string& folder);

}  // namespace fuzz
