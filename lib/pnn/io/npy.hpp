// Reads arrays of NumPy (.npy, and .npz archives of them) as tables, or as they are.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pnn/io/array.hpp"

namespace pnn::io {

/// Whether the bytes begin as a file of numpy.save, or as an archive, which numpy.savez writes.
bool is_numpy(const std::string& bytes);

/// The arrays as a table in CSV text, as array_table.hpp says; of a structured array each field is a column.
/// Numbers of any size and byte order and texts are read. Throws InputError "name: …" for damaged files,
/// other types of values, arrays that make no table, and archives that unpack to more than unpacked.hpp
/// allows.
std::string numpy_as_csv(const std::string& bytes, const std::string& name, std::vector<std::string>& notes);

/// The arrays as they are, with their names; the name of a single one is empty. Complex numbers are read too.
/// Throws InputError likewise, and for structured arrays.
std::vector<std::pair<std::string, StoredArray>> numpy_arrays(const std::string& bytes,
                                                              const std::string& name);

}  // namespace pnn::io
