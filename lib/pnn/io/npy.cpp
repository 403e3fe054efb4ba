#include "pnn/io/npy.hpp"

#include <zlib.h>

#include <algorithm>
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

/// `complex`: whether complex numbers are among the types that are read.
ValueType read_type(std::string_view text, bool complex, const std::string& name) {
  ValueType type{'f', 8, false};
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos) {
    type.big_endian = text.front() == '>';
    text.remove_prefix(1);
  }
  const std::optional<double> size = read_number(text.substr(std::min<std::size_t>(1, text.size())));
  if (text.empty() ||
      std::string_view(complex ? "biufUSc" : "biufUS").find(text.front()) == std::string_view::npos ||
      !size || *size < 1 || *size > 10'000)
    throw InputError(name + ": values of type \"" + std::string(text) + "\"; expected numbers or texts");
  type.kind = text.front();
  type.size = std::size_t(*size) * (type.kind == 'U' ? 4 : 1);
  const auto among = [&](std::initializer_list<std::size_t> sizes) {
    return std::find(sizes.begin(), sizes.end(), type.size) != sizes.end();
  };
  const bool known = type.kind == 'U' || type.kind == 'S' ||
                     (type.kind == 'f'   ? among({2, 4, 8})
                      : type.kind == 'c' ? among({8, 16})
                                         : among({1, 2, 4, 8}));
  if (!known) throw InputError(name + ": numbers of " + std::to_string(type.size) + " bytes");
  return type;
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

/// What the header of an array says, and the bytes of its values.
struct ArrayLayout {
  std::vector<std::size_t> shape;
  std::vector<std::string> fields;  ///< names of a structured array, else empty
  std::vector<ValueType> types;     ///< one, or one for each field
  bool first_axis_fastest = false;
  std::size_t count = 1;
  std::string_view data;
};

/// `most`: the largest number of values that are accepted.
ArrayLayout read_layout(std::string_view bytes, bool complex, std::size_t most, const std::string& name) {
  if (!bytes.starts_with(array_magic))
    throw InputError(name + ": no array of NumPy; save a spreadsheet as CSV");
  const bool long_header = number_at(bytes, 6, 1, name) >= 2;
  const std::size_t begin = long_header ? 12 : 10;
  const std::uint64_t header_bytes = number_at(bytes, 8, long_header ? 4 : 2, name);
  if (header_bytes > bytes.size() - std::min(begin, bytes.size()))
    throw InputError(name + ": truncated; copy it again");
  const std::string_view header = bytes.substr(begin, header_bytes);
  ArrayLayout layout;
  layout.data = bytes.substr(begin + header_bytes);

  const std::string_view descr = entry(header, "descr", name);
  const std::vector<std::string> words = quoted(descr);
  if (descr.starts_with('[')) {
    if (words.empty() || words.size() % 2 != 0)
      throw InputError(name + ": fields of arrays; expected plain fields");
    for (std::size_t k = 0; k < words.size(); k += 2) {
      layout.fields.push_back(words[k]);
      layout.types.push_back(read_type(words[k + 1], complex, name));
    }
  } else if (!words.empty()) {
    layout.types.push_back(read_type(words.front(), complex, name));
  }
  if (layout.types.empty()) throw InputError(name + ": damaged header; copy it again");

  std::string_view shape = entry(header, "shape", name);
  shape = shape.substr(0, shape.find(')'));
  for (const std::string& part : split(shape.substr(shape.starts_with('(') ? 1 : 0), ',')) {
    if (trim(part).empty()) continue;
    const std::optional<double> size = read_number(part);
    if (!size || *size < 0 || *size > double(most))
      throw InputError(name + ": damaged header; copy it again");
    layout.shape.push_back(std::size_t(*size));
    layout.count *= layout.shape.back();
    if (layout.count > most) throw InputError(name + ": more than " + std::to_string(most) + " values");
  }
  std::size_t row = 0;
  for (const ValueType& type : layout.types) row += type.size;
  if (layout.data.size() / row < layout.count) throw InputError(name + ": truncated; copy it again");
  layout.first_axis_fastest = entry(header, "fortran_order", name).starts_with("True");
  return layout;
}

/// The place in the file of value `k`, counted with the first axis slowest.
std::size_t place_of(std::size_t k, const ArrayLayout& layout) {
  if (!layout.first_axis_fastest) return k;
  std::size_t place = 0, stride = layout.count;
  for (std::size_t axis = layout.shape.size(); axis-- > 0;) {
    stride /= layout.shape[axis];
    place += k % layout.shape[axis] * stride;
    k /= layout.shape[axis];
  }
  return place;
}

NamedArray read_array(std::string_view bytes, const std::string& name) {
  const ArrayLayout layout = read_layout(bytes, false, most_values, name);
  NamedArray values;
  values.shape = layout.shape;
  values.fields = layout.fields;
  values.words = layout.types.size() == 1 && (layout.types[0].kind == 'U' || layout.types[0].kind == 'S');
  std::size_t row = 0;
  for (const ValueType& type : layout.types) row += type.size;
  for (std::size_t k = 0; k < layout.count; ++k) {
    if (k % 65536 == 0) stop_if_asked();
    std::size_t offset = place_of(k, layout) * row;
    for (const ValueType& type : layout.types) {
      values.texts.push_back(text_of(layout.data.substr(offset, type.size), type));
      offset += type.size;
    }
  }
  return values;
}

StoredArray read_values(std::string_view bytes, const std::string& name) {
  constexpr std::size_t most = std::size_t{1} << 34;
  const ArrayLayout layout = read_layout(bytes, true, most, name);
  if (!layout.fields.empty())
    throw InputError(name + ": a structured array; expected a plain one (pnn-data csv reads its fields)");
  StoredArray array;
  array.shape = layout.shape;
  array.type = layout.types.front();
  const std::size_t size = array.type.size;
  array.data.resize(layout.count * size);
  if (!layout.first_axis_fastest) {
    std::copy_n(layout.data.begin(), array.data.size(), array.data.begin());
    return array;
  }
  for (std::size_t k = 0; k < layout.count; ++k) {
    if (k % 65536 == 0) stop_if_asked();
    std::copy_n(layout.data.begin() + std::ptrdiff_t(place_of(k, layout) * size), size,
                array.data.begin() + std::ptrdiff_t(k * size));
  }
  return array;
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

/// Calls `take` with the name and the bytes of each array of an archive, by the directory at its end
/// (PKWARE's APPNOTE.TXT, sections 4.3.12 and 4.3.16).
template <class Take>
void for_each_array(std::string_view bytes, const std::string& name, const Take& take) {
  const std::size_t end = bytes.rfind(std::string_view("PK\x05\x06", 4));
  if (end == std::string_view::npos) throw InputError(name + ": truncated archive; copy it again");
  const std::uint64_t members = number_at(bytes, end + 10, 2, name);
  std::size_t at = number_at(bytes, end + 16, 4, name);
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
    if (method == 0) {
      take(member, content, where);
    } else {
      take(member, std::string_view(inflated(content, size, where)), where);
    }
  }
}

}  // namespace

bool is_numpy(const std::string& bytes) {
  return bytes.starts_with(array_magic) || bytes.starts_with(archive_magic);
}

std::string numpy_as_csv(const std::string& bytes, const std::string& name, std::vector<std::string>& notes) {
  if (bytes.starts_with(array_magic)) return array_as_csv(read_array(bytes, name), name);
  std::vector<NamedArray> arrays;
  for_each_array(bytes, name,
                 [&](const std::string& member, std::string_view content, const std::string& where) {
                   arrays.push_back(read_array(content, where));
                   arrays.back().name = member;
                 });
  return arrays_as_csv(arrays, name, notes);
}

std::vector<std::pair<std::string, StoredArray>> numpy_arrays(const std::string& bytes,
                                                              const std::string& name) {
  std::vector<std::pair<std::string, StoredArray>> arrays;
  if (bytes.starts_with(array_magic)) {
    arrays.emplace_back("", read_values(bytes, name));
    return arrays;
  }
  for_each_array(bytes, name,
                 [&](const std::string& member, std::string_view content, const std::string& where) {
                   arrays.emplace_back(member, read_values(content, where));
                 });
  return arrays;
}

}  // namespace pnn::io
