// Reads a PNG file as a picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pnn::io {

/// A picture as it is stored: no gamma is applied, and palettes are looked up.
struct Picture {
  std::size_t height = 0, width = 0;
  std::size_t channels = 1;           ///< 1: grey; 3: red, green, blue
  unsigned white = 255;               ///< the largest value: 255, or 65535 in files of 16 bits
  std::vector<std::uint16_t> values;  ///< [height, width, channels]
};

/// Throws InputError "path: …" for damaged files, for pictures that are transparent anywhere, and for more
/// than 2^26 pixels.
Picture read_png(const std::string& path);

/// Whether a file begins as PNG files do.
bool is_png(const std::string& path);

}  // namespace pnn::io
