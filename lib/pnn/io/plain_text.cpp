#include "pnn/io/plain_text.hpp"

#include <iconv.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/unpacked.hpp"

namespace pnn::io {
namespace {

/// Owns a converter of the C library.
class Converter {
 public:
  explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (usable()) iconv_close(handle_);
  }
  [[nodiscard]] bool usable() const { return handle_ != iconv_t(-1); }  // NOLINT(performance-no-int-to-ptr)
  [[nodiscard]] iconv_t handle() const { return handle_; }

 private:
  iconv_t handle_;
};

/// The text in UTF-8; false if some of it has no meaning in the encoding `from`.
bool convert(std::string& text, const char* from, const std::string& name) {
  const Converter converter(from);
  if (!converter.usable())
    throw RunError(name + ": the C library cannot convert " + from + " to UTF-8; convert the file first");
  std::string out(text.size() + text.size() / 2 + 16, '\0');
  char* in = text.data();
  std::size_t left = text.size(), done = 0;
  while (left > 0) {
    stop_if_asked();
    char* to = out.data() + done;
    std::size_t room = out.size() - done;
    const std::size_t converted = iconv(converter.handle(), &in, &left, &to, &room);
    done = out.size() - room;
    if (converted != std::size_t(-1)) break;
    if (errno != E2BIG) return false;
    out.resize(2 * out.size());
  }
  out.resize(done);
  text = std::move(out);
  return true;
}

bool is_utf8(const std::string& text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return true;
  std::string copy = text;
  return convert(copy, "UTF-8", "UTF-8");
}

/// The encoding of UTF-16, "" if the bytes are none: by the byte-order mark, or by zeros in every second byte
/// of the beginning, as the letters and digits of a table have them.
const char* utf16_of(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe")) return "UTF-16LE";
  if (bytes.starts_with("\xfe\xff")) return "UTF-16BE";
  const std::size_t looked_at = std::min<std::size_t>(bytes.size(), 1000) / 2;
  if (looked_at < 4 || bytes.size() % 2 != 0) return "";
  std::size_t zeros[2] = {0, 0};
  for (std::size_t k = 0; k < 2 * looked_at; ++k) zeros[k % 2] += bytes[k] == '\0' ? 1 : 0;
  if (zeros[1] > looked_at * 3 / 4 && zeros[0] == 0) return "UTF-16LE";
  if (zeros[0] > looked_at * 3 / 4 && zeros[1] == 0) return "UTF-16BE";
  return "";
}

void unify_line_ends(std::string& text) {
  if (text.find('\r') == std::string::npos) return;
  std::size_t to = 0;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (text[k] == '\r' && k + 1 < text.size() && text[k + 1] == '\n') continue;
    text[to++] = text[k] == '\r' ? '\n' : text[k];
  }
  text.resize(to);
}

}  // namespace

std::string unpack_gzip(std::string bytes, const std::string& name, std::size_t most) {
  constexpr std::string_view magic = "\x1f\x8b";
  if (!std::string_view(bytes).starts_with(magic)) return bytes;
  const std::uint64_t bound = std::min<std::uint64_t>(most, most_unpacked(bytes.size()));
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw RunError(name + ": cannot unpack gzip data (no memory)");
  struct Guard {
    z_stream& stream;
    ~Guard() { inflateEnd(&stream); }
  } const guard{stream};
  std::string out;
  std::string piece(std::size_t{1} << 18, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  int code = Z_OK;
  while (stream.avail_in > 0 || code != Z_STREAM_END) {
    stop_if_asked();
    if (code == Z_STREAM_END) {  // another member, or padding
      if (!std::string_view(reinterpret_cast<const char*>(stream.next_in), stream.avail_in)
               .starts_with(magic))
        break;
      inflateReset(&stream);
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    code = inflate(&stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END)
      throw InputError(name + ": damaged or truncated gzip data; copy it again");
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > bound)
      throw InputError(name + ": gzip data that unpack to more than " + std::to_string(bound) +
                       " bytes; if it is meant, unpack it with gunzip");
  }
  return out;
}

std::string to_utf8(std::string bytes, const std::string& name, std::vector<std::string>& notes) {
  const std::string utf16 = utf16_of(bytes);
  if (!utf16.empty()) {
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) bytes.erase(0, 2);
    if (bytes.size() % 2 != 0 || !convert(bytes, utf16.c_str(), name))
      throw InputError(name + ": damaged UTF-16 text; save the table as UTF-8");
    notes.push_back("read as " + utf16.substr(0, 6));
  }
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.erase(0, 3);
  if (bytes.starts_with("\x89HDF\r\n"))
    throw InputError(name +
                     ": expected a text table (CSV), found an HDF5 file; pnn-info tells what it holds");
  if (bytes.find('\0') != std::string::npos)
    throw InputError(name + ": expected a text table (CSV), found binary data");
  if (!is_utf8(bytes)) {
    if (!convert(bytes, "WINDOWS-1252", name))
      throw InputError(name + ": bytes that are neither UTF-8 nor Windows-1252; save the table as UTF-8");
    notes.emplace_back("read as Windows-1252, since it has bytes that are no UTF-8");
  }
  unify_line_ends(bytes);
  return bytes;
}

bool has_readings(std::string_view text) {
  constexpr std::string_view dividers = " \t,;";
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    int numbers = 0, words = 0;
    while (!line.empty()) {
      const std::string_view word = line.substr(0, line.find_first_of(dividers));
      line.remove_prefix(std::min(line.size(), word.size() + 1));
      words += word.empty() ? 0 : 1;
      numbers += !word.empty() && read_number(word) ? 1 : 0;
    }
    if (numbers >= 2 && 2 * numbers >= words) return true;
  }
  return false;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto add = [&](std::uint32_t byte) { out += char(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0U | point >> 6), add(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    add(0xe0U | point >> 12), add(0x80U | (point >> 6 & 0x3fU)), add(0x80U | (point & 0x3fU));
  } else {
    add(0xf0U | (point >> 18 & 7U)), add(0x80U | (point >> 12 & 0x3fU)), add(0x80U | (point >> 6 & 0x3fU)),
        add(0x80U | (point & 0x3fU));
  }
}

}  // namespace pnn::io
