// A bound on the size of a file's data after decompression.
#pragma once

#include <cstdint>

namespace pnn::io {

/// The largest accepted ratio. Deflate shrinks zeros to a thousandth (RFC 1951: 258 bytes in 2 bits), but
/// pictures and experimental data only to about a tenth; a file that declares more than this is taken for a
/// decompression bomb.
constexpr std::uint64_t largest_compression = 100;

/// The largest accepted size: the ratio times `packed_bytes`, plus 256 MiB for small files, which may contain
/// zeros.
constexpr std::uint64_t most_unpacked(std::uint64_t packed_bytes) {
  return largest_compression * packed_bytes + (std::uint64_t{256} << 20);
}

}  // namespace pnn::io
