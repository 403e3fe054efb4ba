// Every dataset of a file, without knowing its filetype.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pnn/io/reader.hpp"

namespace pnn::io {

/// visit(path, member) for every object but the root, depth first in the order of their making; of hard links
/// to one object the first. What HDF5 cannot look at goes to `failed`, while it is
/// caught, and the walk goes on. Fails on more
/// than 100 000 objects or 16 levels (no file of ours).
void walk_objects(hid_t file, const std::function<void(const std::string&, const h5::Member&)>& visit,
                  const std::function<void(const h5::Failure&)>& failed);

/// Paths of all datasets, depth first in the order of their making; of hard links to one group the first.
/// Fails as walk_objects does.
std::vector<std::string> dataset_paths(const Reader& reader);

/// What the reader of its filetype complains of.
std::vector<std::string> reader_complaints(const std::string& path, const std::string& filetype);

}  // namespace pnn::io
