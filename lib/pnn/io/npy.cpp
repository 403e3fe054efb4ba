#include "pnn/io/npy.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/array_table.hpp"
#include "pnn/io/plain_text.hpp"
#include "pnn/io/unpacked.hpp"

namespace pnn::io {
namespace {

constexpr std::string_view array_magic("\x93NUMPY", 6), archive_magic("PK\x03\x04", 4);
constexpr std::size_t most_values = std::size_t{1} << 24;

/// Little-endian unsigned number of `size` bytes; throws InputError beyond the end.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size, const std::string& name) {
  if (at > bytes.size() || size > bytes.size() - at) throw InputError(name + ": truncated; copy it again");
  std::uint64_t value = 0;
  for (std::size_t k = size; k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + k]);
  return value;
}

/// The type of a value: kind (b, i, u, f, U, S), size in bytes, byte order.
struct Type {
  char kind = 'f';
  std::size_t size = 8;
  bool big_endian = false;
};

Type read_type(std::string_view text, const std::string& name) {
  Type type;
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos) {
    type.big_endian = text.front() == '>';
    text.remove_prefix(1);
  }
  const std::optional<double> size = read_number(text.substr(std::min<std::size_t>(1, text.size())));
  if (text.empty() || std::string_view("biufUS").find(text.front()) == std::string_view::npos || !size ||
      *size < 1 || *size > 10'000)
    throw InputError(name + ": values of type \"" + std::string(text) + "\"; expected numbers or texts");
  type.kind = text.front();
  type.size = std::size_t(*size) * (type.kind == 'U' ? 4 : 1);
  const bool known =
      type.kind == 'U' || type.kind == 'S' ||
      (type.kind == 'f' ? type.size == 4 || type.size == 8
                        : type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8);
  if (!known) throw InputError(name + ": numbers of " + std::to_string(type.size) + " bytes");
  return type;
}

std::string text_of(std::string_view bytes, const Type& type) {
  std::string ordered(bytes);
  if (type.kind == 'S') return std::string(bytes.substr(0, std::min(bytes.find('\0'), bytes.size())));
  if (type.kind == 'U') {
    std::string out;
    for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
      std::string unit(bytes.substr(at, 4));
      if (type.big_endian) std::reverse(unit.begin(), unit.end());
      const auto point = std::uint32_t(number_at(unit, 0, 4, ""));
      if (point == 0) break;
      append_utf8(out, point);
    }
    return out;
  }
  if (type.big_endian) std::reverse(ordered.begin(), ordered.end());
  const std::uint64_t bits = number_at(ordered, 0, type.size, "");
  double value = 0;
  if (type.kind == 'f') {
    value = type.size == 4 ? double(std::bit_cast<float>(std::uint32_t(bits))) : std::bit_cast<double>(bits);
  } else if (type.kind == 'i') {
    const unsigned unused = unsigned(64 - 8 * type.size);
    value = double(std::int64_t(bits << unused) >> unused);
  } else {
    value = double(bits);
  }
  return std::isfinite(value) ? format_number(value) : "nan";
}

/// The value of a key of the header, up to the comma or bracket that ends it.
std::string_view entry(std::string_view header, const char* key, const std::string& name) {
  const std::size_t at = header.find(std::string("'") + key + "'");
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) throw InputError(name + ": damaged header; copy it again");
  return trim(header.substr(colon + 1));
}

/// All texts in quotes, up to the bracket that closes the first one.
std::vector<std::string> quoted(std::string_view text) {
  std::vector<std::string> out;
  const std::size_t end = text.starts_with('[') ? text.find(']') : text.size();
  for (std::size_t at = text.find('\''); at < end; at = text.find('\'', at)) {
    const std::size_t close = text.find('\'', at + 1);
    if (close == std::string_view::npos) break;
    out.emplace_back(text.substr(at + 1, close - at - 1));
    at = close + 1;
  }
  return out;
}

NamedArray read_array(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with(array_magic))
    throw InputError(name + ": no array of NumPy; save a spreadsheet as CSV");
  const bool long_header = number_at(bytes, 6, 1, name) >= 2;
  const std::size_t begin = long_header ? 12 : 10;
  const std::uint64_t header_bytes = number_at(bytes, 8, long_header ? 4 : 2, name);
  if (header_bytes > bytes.size() - std::min(begin, bytes.size()))
    throw InputError(name + ": truncated; copy it again");
  const std::string_view header = bytes.substr(begin, header_bytes);
  std::string_view data = bytes.substr(begin + header_bytes);

  NamedArray values;
  std::vector<Type> types;
  const std::string_view descr = entry(header, "descr", name);
  const std::vector<std::string> words = quoted(descr);
  if (descr.starts_with('[')) {
    if (words.empty() || words.size() % 2 != 0)
      throw InputError(name + ": fields of arrays; expected plain fields");
    for (std::size_t k = 0; k < words.size(); k += 2) {
      values.fields.push_back(words[k]);
      types.push_back(read_type(words[k + 1], name));
    }
  } else if (!words.empty()) {
    types.push_back(read_type(words.front(), name));
  }
  if (types.empty()) throw InputError(name + ": damaged header; copy it again");
  values.words = types.size() == 1 && (types[0].kind == 'U' || types[0].kind == 'S');

  std::string_view shape = entry(header, "shape", name);
  shape = shape.substr(0, shape.find(')'));
  std::size_t count = 1;
  for (const std::string& part : split(shape.substr(shape.starts_with('(') ? 1 : 0), ',')) {
    if (trim(part).empty()) continue;
    const std::optional<double> size = read_number(part);
    if (!size || *size < 0 || *size > double(most_values))
      throw InputError(name + ": damaged header; copy it again");
    values.shape.push_back(std::size_t(*size));
    count *= values.shape.back();
    if (count > most_values)
      throw InputError(name + ": more than " + std::to_string(most_values) + " values");
  }
  std::size_t row = 0;
  for (const Type& type : types) row += type.size;
  if (data.size() / row < count) throw InputError(name + ": truncated; copy it again");

  const bool columns_first =
      entry(header, "fortran_order", name).starts_with("True") && values.shape.size() == 2;
  for (std::size_t k = 0; k < count; ++k) {
    if (k % 65536 == 0) stop_if_asked();
    const std::size_t at = columns_first ? k % values.shape[1] * values.shape[0] + k / values.shape[1] : k;
    std::size_t offset = at * row;
    for (const Type& type : types) {
      values.texts.push_back(text_of(data.substr(offset, type.size), type));
      offset += type.size;
    }
  }
  return values;
}

/// Unpacks a deflated member of an archive.
std::string inflated(std::string_view packed, std::size_t size, const std::string& name) {
  if (size > most_unpacked(packed.size()))
    throw InputError(name + ": unpacks to more than " + std::to_string(most_unpacked(packed.size())) +
                     " bytes");
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) throw RunError(name + ": cannot unpack (no memory)");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib does not write to it
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (code != Z_STREAM_END || stream.total_out != size)
    throw InputError(name + ": damaged archive; copy it again");
  return out;
}

/// The arrays of an archive, by the directory at its end (PKWARE's APPNOTE.TXT, sections 4.3.12 and 4.3.16).
std::vector<NamedArray> read_archive(std::string_view bytes, const std::string& name) {
  const std::size_t end = bytes.rfind(std::string_view("PK\x05\x06", 4));
  if (end == std::string_view::npos) throw InputError(name + ": truncated archive; copy it again");
  const std::uint64_t members = number_at(bytes, end + 10, 2, name);
  std::size_t at = number_at(bytes, end + 16, 4, name);
  std::vector<NamedArray> arrays;
  for (std::uint64_t k = 0; k < members; ++k) {
    if (number_at(bytes, at, 4, name) != 0x02014b50)
      throw InputError(name + ": damaged archive; copy it again");
    const std::uint64_t method = number_at(bytes, at + 10, 2, name),
                        packed = number_at(bytes, at + 20, 4, name),
                        size = number_at(bytes, at + 24, 4, name),
                        letters = number_at(bytes, at + 28, 2, name),
                        extra = number_at(bytes, at + 30, 2, name),
                        comment = number_at(bytes, at + 32, 2, name),
                        local = number_at(bytes, at + 42, 4, name);
    number_at(bytes, at + 46 + letters, 0, name);
    std::string member(bytes.substr(at + 46, letters));
    at += 46 + letters + extra + comment;
    const std::size_t data =
        local + 30 + number_at(bytes, local + 26, 2, name) + number_at(bytes, local + 28, 2, name);
    if (data > bytes.size() || packed > bytes.size() - data || (method != 0 && method != 8))
      throw InputError(name + ": damaged archive, or packed otherwise than NumPy does");
    const std::string_view content = bytes.substr(data, packed);
    if (member.ends_with(".npy")) member.resize(member.size() - 4);
    const std::string where = name + ": " + member;
    arrays.push_back(method == 0 ? read_array(content, where)
                                 : read_array(inflated(content, size, where), where));
    arrays.back().name = member;
  }
  return arrays;
}

}  // namespace

bool is_numpy(const std::string& bytes) {
  return bytes.starts_with(array_magic) || bytes.starts_with(archive_magic);
}

std::string numpy_as_csv(const std::string& bytes, const std::string& name, std::vector<std::string>& notes) {
  if (bytes.starts_with(array_magic)) return array_as_csv(read_array(bytes, name), name);
  return arrays_as_csv(read_archive(bytes, name), name, notes);
}

}  // namespace pnn::io
