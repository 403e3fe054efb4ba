// Reads the IDX format of MNIST and similar data sets, plain or compressed with gzip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pnn::io {

/// An array of unsigned bytes, row-major.
struct Idx {
  std::vector<std::size_t> shape;  ///< 1 to 4 axes, of which the first counts samples
  std::vector<std::uint8_t> data;  ///< as many as the product of `shape`
};

/// Reads a file of this layout (LeCun, "The MNIST database"): two zero bytes, the type (08: unsigned byte),
/// the number of axes, a big-endian 32-bit size for each axis, the bytes. Throws InputError "path: expected,
/// found" for another type, no axis or more than four, fewer or more bytes than the sizes say, more than 16
/// GiB, or damaged gzip data.
Idx read_idx(const std::string& path);

}  // namespace pnn::io
