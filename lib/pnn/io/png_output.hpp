// Makes PNG files of numbers, which stand in them as they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pnn::io {

/// A picture whose values are levels of a screen, [height, width, channel].
struct LevelPicture {
  std::size_t width = 0, height = 0;
  std::size_t channels = 1;           ///< 1: grey; 3: red, green, blue, of 8 bits
  bool wide = false;                  ///< whether a grey value has 16 bits, and not 8
  std::vector<std::uint16_t> values;  ///< at most 255, or 65 535 where `wide`
};

/// The bytes of its PNG file, by libpng. Throws RunError.
std::string png_of(const LevelPicture& picture);

}  // namespace pnn::io
