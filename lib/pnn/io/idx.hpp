// The IDX format of MNIST and its relatives, plain or compressed with gzip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pnn::io {

/// An array of unsigned bytes, row-major.
struct Idx {
  std::vector<std::size_t> shape;  ///< 1 to 4 axes; the first counts samples
  std::vector<std::uint8_t> data;  ///< as many as the product of `shape`
};

/// Layout (LeCun, "The MNIST database"): two zero bytes, type (08: unsigned byte), number of axes, one
/// big-endian 32-bit size an axis, the bytes. Throws InputError "path: expected, found": another type,
/// no axis or more than four, fewer or more bytes than the sizes say, more than 16 GiB, damaged gzip data.
Idx read_idx(const std::string& path);

}  // namespace pnn::io
