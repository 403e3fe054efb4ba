// Reads arrays of NumPy (.npy, and .npz archives of them) as tables.
#pragma once

#include <string>
#include <vector>

namespace pnn::io {

/// Whether the bytes begin as a file of numpy.save, or as an archive, which numpy.savez writes.
bool is_numpy(const std::string& bytes);

/// The arrays as a table in CSV text. A structured array has a column of each field; an array [n, c] has c
/// columns without names (or n, if n is at most 4 and c larger than 8). In an archive each array [n] is a
/// column of its name, where n is the length of the most arrays; of an array [n, e] or [e, n] there are e
/// columns, "name 0", "name 1" …, or of the names of a text array [e]. Other arrays are passed over, and
/// sentences about them added to `notes`. Numbers of any size and byte order and texts are read. Throws
/// InputError "name: …" for damaged files, other types of values, and archives that unpack to more than
/// unpacked.hpp allows.
std::string numpy_as_csv(const std::string& bytes, const std::string& name, std::vector<std::string>& notes);

}  // namespace pnn::io
