#include "pnn/io/png_picture.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>

#include "pnn/core/errors.hpp"
#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t signature_bytes = 8;
constexpr std::size_t most_pixels = std::size_t{1} << 26, most_bytes = std::size_t{1} << 30;

/// What libpng reads from, and what it complains of.
struct Input {
  std::string bytes;
  std::size_t at = 0;
  std::array<char, 200> complaint{};
};

void read_from(png_structp png, png_bytep to, size_t count) {
  auto* input = static_cast<Input*>(png_get_io_ptr(png));
  if (count > input->bytes.size() - input->at) png_error(png, "truncated");
  std::memcpy(to, input->bytes.data() + input->at, count);
  input->at += count;
}

[[noreturn]] void complain(png_structp png, png_const_charp text) {
  auto* input = static_cast<Input*>(png_get_error_ptr(png));
  std::strncpy(input->complaint.data(), text, input->complaint.size() - 1);
  png_longjmp(png, 1);
}
void ignore_warning(png_structp, png_const_charp) {}

/// The handle of libpng, whose functions return to the innermost setjmp when they fail. Between a setjmp and
/// its longjmp no object with a destructor is made.
struct Handle {
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit Handle(Input& input) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, complain, ignore_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      throw RunError("no memory for a PNG file");
    }
    png_set_read_fn(png, &input, read_from);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { png_destroy_read_struct(&png, &info, nullptr); }
};

/// False where libpng fails.
bool read_header(Handle& h, std::array<png_uint_32, 2>& size) {
  if (setjmp(png_jmpbuf(h.png)) != 0) return false;
  png_read_info(h.png, h.info);
  size = {png_get_image_height(h.png, h.info), png_get_image_width(h.png, h.info)};
  if (std::size_t(size[0]) * size[1] > most_pixels) return true;  // refused by the caller
  png_set_expand(h.png);  // palettes, grey levels of fewer than 8 bits, transparent colours
  png_set_interlace_handling(h.png);
  png_read_update_info(h.png, h.info);
  return true;
}

bool read_rows(Handle& h, png_bytep* rows) {
  if (setjmp(png_jmpbuf(h.png)) != 0) return false;
  png_read_image(h.png, rows);
  png_read_end(h.png, nullptr);
  return true;
}

std::string bytes_of(const std::string& path, std::size_t most) {
  const Descriptor file(open_input(path, ""));
  std::string bytes;
  std::array<char, 65536> buffer{};
  while (bytes.size() < most) {
    const std::size_t got =
        read_some(file.fd(), buffer.data(), std::min(buffer.size(), most - bytes.size()), path);
    if (got == 0) break;
    bytes.append(buffer.data(), got);
  }
  return bytes;
}

bool has_signature(const std::string& bytes) {
  return bytes.size() >= signature_bytes &&
         png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, signature_bytes) == 0;
}

/// Colour pictures may be grey in each pixel; they stay colour pictures, except where a palette is grey.
bool is_grey_palette(const Picture& picture) {
  for (std::size_t k = 0; k < picture.values.size(); k += 3)
    if (picture.values[k] != picture.values[k + 1] || picture.values[k] != picture.values[k + 2])
      return false;
  return true;
}

}  // namespace

bool is_png(const std::string& path) {
  return has_signature(bytes_of(path, signature_bytes));
}

Picture read_png(const std::string& path) {
  Input input{bytes_of(path, most_bytes)};
  if (!has_signature(input.bytes)) throw InputError(path + ": expected a PNG file");
  Handle handle(input);
  const auto damaged = [&] {
    return InputError(path + ": damaged PNG file (" + input.complaint.data() + "); copy it again");
  };
  std::array<png_uint_32, 2> size{};
  if (!read_header(handle, size)) throw damaged();
  Picture picture;
  picture.height = size[0], picture.width = size[1];
  if (picture.height * picture.width > most_pixels)
    throw InputError(path + ": a picture of " + std::to_string(picture.height) + "x" +
                     std::to_string(picture.width) + " pixels, where " + std::to_string(most_pixels) +
                     " are the most");
  const bool palette = png_get_color_type(handle.png, handle.info) == PNG_COLOR_TYPE_PALETTE ||
                       png_get_valid(handle.png, handle.info, PNG_INFO_PLTE) != 0;
  const std::size_t stored = png_get_channels(handle.png, handle.info);
  const std::size_t bytes = png_get_bit_depth(handle.png, handle.info) == 16 ? 2 : 1;
  const std::size_t row_bytes = picture.width * stored * bytes;
  std::vector<png_byte> data(picture.height * row_bytes);
  std::vector<png_bytep> rows(picture.height);
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = data.data() + row * row_bytes;
  if (png_get_rowbytes(handle.png, handle.info) != row_bytes || !read_rows(handle, rows.data()))
    throw damaged();
  const bool alpha = stored == 2 || stored == 4;
  picture.channels = alpha ? stored - 1 : stored;
  picture.white = bytes == 2 ? 65535 : 255;
  picture.values.reserve(picture.height * picture.width * picture.channels);
  for (std::size_t k = 0; k < picture.height * picture.width * stored; ++k) {
    const unsigned value = bytes == 2 ? unsigned(data[2 * k]) << 8 | data[2 * k + 1] : data[k];
    if (!alpha || k % stored != stored - 1) {
      picture.values.push_back(std::uint16_t(value));
    } else if (value != picture.white) {
      throw InputError(path + ": a picture that is transparent in places; put it on a background first");
    }
  }
  if (palette && picture.channels == 3 && is_grey_palette(picture)) {
    for (std::size_t k = 0; k < picture.values.size() / 3; ++k) picture.values[k] = picture.values[3 * k];
    picture.values.resize(picture.values.size() / 3);
    picture.channels = 1;
  }
  return picture;
}

}  // namespace pnn::io
