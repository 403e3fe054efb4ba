#include "pnn/io/png_output.hpp"

#include <png.h>

#include <cstring>

#include "pnn/core/errors.hpp"

namespace pnn::io {

std::string png_of(const LevelPicture& picture) {
  std::vector<std::uint8_t> bytes;
  if (!picture.wide) bytes.assign(picture.values.begin(), picture.values.end());
  const void* const values =
      picture.wide ? static_cast<const void*>(picture.values.data()) : static_cast<const void*>(bytes.data());
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = png_uint_32(picture.width);
  image.height = png_uint_32(picture.height);
  image.format = picture.wide            ? PNG_FORMAT_LINEAR_Y
                 : picture.channels == 3 ? PNG_FORMAT_RGB
                                         : PNG_FORMAT_GRAY;
  png_alloc_size_t size = 0;
  std::string out;
  if (png_image_write_to_memory(&image, nullptr, &size, 0, values, 0, nullptr) != 0) {
    out.resize(size);
    if (png_image_write_to_memory(&image, out.data(), &size, 0, values, 0, nullptr) != 0) {
      out.resize(size);
      return out;
    }
  }
  throw RunError(std::string("a PNG file cannot be made: ") + image.message);
}

}  // namespace pnn::io
