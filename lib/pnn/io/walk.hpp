// Visits all objects of a file without knowing its type.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pnn/io/reader.hpp"

namespace pnn::io {

/// Calls visit(path, member) for every object except the root, depth first, in the order of their creation;
/// of several hard links to one object only for the first. If HDF5 cannot read an object, `failed` is called
/// with the failure and the walk continues. Fails for more than 100 000 objects or 16 levels, which no file
/// of this project has.
void walk_objects(hid_t file, const std::function<void(const std::string&, const h5::Member&)>& visit,
                  const std::function<void(const h5::Failure&)>& failed);

/// The paths of all datasets in the order of walk_objects, which fails in the same way.
std::vector<std::string> dataset_paths(const Reader& reader);

/// The complaints of the reader for this type of file.
std::vector<std::string> reader_complaints(const std::string& path, const std::string& filetype);

}  // namespace pnn::io
