// How much a file of so many bytes can be meant to unpack to.
#pragma once

#include <cstdint>

namespace pnn::io {

/// Deflate shrinks zeros to a thousandth (RFC 1951: 258 bytes in 2 bits), pictures and data of experiments to
/// a tenth; what says that it unpacks to so many times its bytes is a bomb.
constexpr std::uint64_t largest_compression = 100;

/// That many times `packed_bytes`, and 256 MiB for small files, which may hold zeros.
constexpr std::uint64_t most_unpacked(std::uint64_t packed_bytes) {
  return largest_compression * packed_bytes + (std::uint64_t{256} << 20);
}

}  // namespace pnn::io
