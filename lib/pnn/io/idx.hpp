// Reads the IDX format of MNIST and similar data sets, plain or compressed with gzip.
#pragma once

#include <string>

#include "pnn/io/array.hpp"

namespace pnn::io {

/// Reads a file of this layout (LeCun, "The MNIST database"): two zero bytes, the type (08: unsigned byte,
/// 09: signed byte, 0b: 16-bit, 0c: 32-bit whole number, 0d: float, 0e: double), the number of axes (1 to 4,
/// of which the first counts samples), a big-endian 32-bit size for each axis, the values, big-endian. Throws
/// InputError "path: expected, found" for another type, no axis or more than four, fewer or more bytes than
/// the sizes say, more than 16 GiB, or damaged gzip data.
StoredArray read_idx(const std::string& path);

}  // namespace pnn::io
