// References are to the HDF5 File Format Specification, version 3.0.
#include "pnn/io/own_form.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

using namespace std::string_view_literals;

/// Thrown where a file is of another form.
struct OtherForm {};

void must(bool holds) {
  if (!holds) throw OtherForm();
}

constexpr std::uint64_t nowhere = ~std::uint64_t{0};  ///< "undefined address"
constexpr std::size_t checksum_bytes = 4, longest_chunk = std::size_t{1} << 20;
constexpr std::size_t most_objects = 100'000, most_levels = 16, most_links = 10'000, most_chunks = 1000;
constexpr std::uint64_t most_rank = 32;

std::uint64_t little(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t k = bytes.size(); k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[k]);
  return value;
}

/// Bob Jenkins' lookup3 (hashlittle, initial value 0), the checksum of all metadata.
std::uint32_t lookup3(std::string_view bytes) {
  const auto word = [](const char* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap32(value);
    return value;
  };
  std::uint32_t a = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size()), b = a, c = a;
  if (bytes.empty()) return c;
  const auto add = [&](const char* at) { a += word(at), b += word(at + 4), c += word(at + 8); };
  const auto step = [](std::uint32_t& x, std::uint32_t& from, std::uint32_t& onto, int turn) {
    x -= from, x ^= std::rotl(from, turn), from += onto;
  };
  const auto last = [](std::uint32_t& x, std::uint32_t y, int turn) { x ^= y, x -= std::rotl(y, turn); };
  std::size_t at = 0;
  for (; bytes.size() - at > 12; at += 12) {
    add(bytes.data() + at);
    step(a, c, b, 4), step(b, a, c, 6), step(c, b, a, 8);
    step(a, c, b, 16), step(b, a, c, 19), step(c, b, a, 4);
  }
  std::array<char, 12> rest{};
  bytes.copy(rest.data(), rest.size(), at);
  add(rest.data());
  last(c, b, 14), last(a, c, 11), last(b, a, 25), last(c, b, 16), last(a, c, 4), last(b, a, 14);
  last(c, b, 24);
  return c;
}

/// Bytes that are read from front to back, and not beyond their end.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  std::string_view take(std::uint64_t count) {
    must(count <= bytes_.size());
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::uint64_t number(std::size_t width) { return little(take(width)); }
  void expect(std::string_view bytes) { must(take(bytes.size()) == bytes); }
  void expect(std::size_t width, std::uint64_t value) { must(number(width) == value); }
  void end() const { must(bytes_.empty()); }

 private:
  std::string_view bytes_;
};

/// "Dataspace Message", version 2: a scalar, or a shape that does not grow. The number of elements.
std::uint64_t elements_of(Cursor space) {
  space.expect(1, 2);
  const std::uint64_t rank = space.number(1);
  must(rank <= most_rank);
  space.expect(1, rank > 0 ? 1 : 0);  // whether largest sizes are stored
  space.expect(1, rank > 0 ? 1 : 0);  // scalar or simple
  const std::string_view sizes = space.take(8 * rank);
  must(space.take(8 * rank) == sizes);
  space.end();
  std::uint64_t elements = 1;
  for (Cursor size(sizes); size.left() > 0;)
    must(!__builtin_mul_overflow(elements, size.number(8), &elements));
  return elements;
}

/// "Datatype Message", version 1: little-endian integers, IEEE floats, or text of fixed length. The bytes of
/// an element.
std::uint64_t element_bytes_of(Cursor type) {
  constexpr std::string_view float32("\x11\x20\x1f\0\4\0\0\0\0\0\x20\0\x17\x08\0\x17\x7f\0\0\0", 20);
  constexpr std::string_view float64("\x11\x20\x3f\0\x08\0\0\0\0\0\x40\0\x34\x0b\0\x34\xff\x03\0\0", 20);
  const std::string_view all = type.take(type.left());
  if (all == float32) return 4;
  if (all == float64) return 8;
  type = Cursor(all);
  const std::uint64_t kind = type.number(1), bits = type.number(3), bytes = type.number(4);
  must(bytes > 0);
  if (kind == 0x10) {
    must((bits == 0 || bits == 8) && (bytes == 1 || bytes == 4 || bytes == 8));  // 8: with a sign
    type.expect(2, 0);
    type.expect(2, 8 * bytes);
  } else {
    must(kind == 0x13 && bits == 0x11);  // padded with zeros, UTF-8
  }
  type.end();
  return bytes;
}

/// Messages of one object header.
struct Object {
  std::vector<std::pair<std::string_view, std::uint64_t>> links;
  std::set<std::string_view> names, attributes;
  std::map<std::uint64_t, int> seen;  ///< how often a type of message stands there
  std::uint64_t elements = 0, element_bytes = 0, address = nowhere, bytes = 0, names_of_it = 1;
};

enum Message : std::uint64_t {
  nil = 0x00,
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  fill_value = 0x05,
  link = 0x06,
  layout = 0x08,
  group_info = 0x0a,
  attribute = 0x0c,
  continuation = 0x10,
  attribute_info = 0x15,
  reference_count = 0x16
};

class Form {
 public:
  Form(int fd, std::uint64_t bytes) : fd_(fd), end_(bytes) {}

  /// Throws OtherForm.
  void check() {
    const std::string head = bytes_at(0, 48);  // "Superblock", version 3
    Cursor superblock(head);
    superblock.expect("\x89HDF\r\n\x1a\n\3\x08\x08\0"sv);
    superblock.expect(8, 0);
    superblock.expect(8, nowhere);
    const std::uint64_t end = superblock.number(8), root = superblock.number(8);
    must(end <= end_);
    end_ = end;
    sealed(head);
    taken_.emplace_back(0, head.size());
    visit(root, 0);
    for (const auto& [address, names] : found_) must(stated_.at(address) == names);
    std::sort(taken_.begin(), taken_.end());
    for (std::size_t k = 1; k < taken_.size(); ++k) must(taken_[k - 1].second <= taken_[k].first);
  }

 private:
  std::string bytes_at(std::uint64_t address, std::uint64_t count) const {
    must(address <= end_ && count <= end_ - address);
    std::string bytes(count, '\0');
    must(pread(fd_, bytes.data(), count, static_cast<off_t>(address)) == static_cast<ssize_t>(count));
    return bytes;
  }
  static void sealed(std::string_view block) {
    must(block.size() > checksum_bytes);
    const std::string_view body = block.substr(0, block.size() - checksum_bytes);
    must(lookup3(body) == little(block.substr(body.size())));
  }
  void take(std::uint64_t address, std::uint64_t count) {
    must(address <= end_ && count <= end_ - address);
    taken_.emplace_back(address, address + count);
  }

  void visit(std::uint64_t address, std::size_t level) {
    must(level <= most_levels);
    if (++found_[address] > 1) return must(stated_.contains(address));  // not a group that this one lies in
    must(found_.size() <= most_objects);
    std::deque<std::string> chunks;  // which stay where they are
    const Object object = read(address, chunks);
    const bool group = object.seen.contains(link_info);
    for (const Message type : {link_info, group_info}) must(object.seen.contains(type) == group);
    for (const Message type : {dataspace, datatype, fill_value, layout})
      must(object.seen.contains(type) != group);
    for (const auto& [type, times] : object.seen)
      must(times == 1 || type == nil || type == link || type == attribute || type == continuation);
    if (group) {
      must(object.links.size() <= most_links);
      for (const auto& [name, target] : object.links) visit(target, level + 1);
    } else {
      must(object.links.empty());
      std::uint64_t bytes = 0;
      must(!__builtin_mul_overflow(object.elements, object.element_bytes, &bytes) && bytes == object.bytes);
      if (bytes > 0) take(object.address, bytes);
      if (bytes == 0) must(object.address == nowhere);
    }
    stated_[address] = object.names_of_it;
  }

  /// All chunks of the object header at `address`, whose bytes are kept in `chunks`.
  Object read(std::uint64_t address, std::deque<std::string>& chunks) {
    constexpr std::size_t usual = 512;  // more than most headers have
    must(address < end_);
    std::string prefix = bytes_at(address, std::min<std::uint64_t>(usual, end_ - address));
    Cursor header(prefix);  // "Version 2 Data Object Header Prefix", without times and orders of attributes
    header.expect("OHDR\2"sv);
    const std::uint64_t flags = header.number(1);
    must(flags <= 2);
    const std::uint64_t size = header.number(std::size_t{1} << flags), head = prefix.size() - header.left();
    must(size <= longest_chunk);
    const std::uint64_t whole = head + size + checksum_bytes;
    if (whole <= prefix.size()) {
      prefix.resize(whole);
    } else {
      prefix = bytes_at(address, whole);
    }
    Object object;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> more;
    chunk(address, head, std::move(prefix), chunks, object, more);
    for (std::size_t k = 0; k < more.size(); ++k) {
      must(more.size() < most_chunks && more[k].second <= longest_chunk);
      std::string bytes = bytes_at(more[k].first, more[k].second);
      must(bytes.starts_with("OCHK"));
      chunk(more[k].first, 4, std::move(bytes), chunks, object, more);
    }
    return object;
  }

  void chunk(std::uint64_t address, std::uint64_t head, std::string bytes, std::deque<std::string>& chunks,
             Object& object, std::vector<std::pair<std::uint64_t, std::uint64_t>>& more) {
    constexpr std::size_t message_head = 4;
    sealed(bytes);
    take(address, bytes.size());
    must(bytes.size() >= head + checksum_bytes);
    const std::string& kept = chunks.emplace_back(std::move(bytes));
    Cursor rest(std::string_view(kept).substr(head, kept.size() - head - checksum_bytes));
    while (rest.left() >= message_head) {  // a shorter gap may stand behind them
      const std::uint64_t type = rest.number(1), size = rest.number(2), flags = rest.number(1);
      must(flags == 0 || flags == 1 || flags == 4);  // as it is, constant, never shared
      ++object.seen[type];
      Cursor body(rest.take(size));
      if (type == continuation) {
        const std::uint64_t where = body.number(8), count = body.number(8);
        more.emplace_back(where, count);
        body.end();
      } else {
        message(type, body, object);
      }
    }
  }

  static void message(std::uint64_t type, Cursor body, Object& object) {
    switch (type) {
      case nil:
        return;
      case dataspace:
        object.elements = elements_of(body);
        return;
      case datatype:
        object.element_bytes = element_bytes_of(body);
        return;
      case fill_value:
        body.expect("\3\x0a"sv);  // none
        return body.end();
      case layout:
        body.expect("\4\1"sv);  // contiguous
        object.address = body.number(8);
        object.bytes = body.number(8);
        return body.end();
      case link_info:
        body.expect("\0\1"sv);  // the order of creation is kept
        must(body.number(8) <= most_links);
        body.expect(8, nowhere);
        body.expect(8, nowhere);
        return body.end();
      case group_info:
        body.expect("\0\1\xff\xff\0\0"sv);
        return body.end();
      case attribute_info:
        body.expect("\0\0"sv);
        body.expect(8, nowhere);
        body.expect(8, nowhere);
        return body.end();
      case reference_count:
        body.expect(1, 0);
        object.names_of_it = body.number(4);
        return body.end();
      case link: {
        body.expect("\1\4"sv);  // to an object of this file, with its order of creation
        must(body.number(8) <= most_links);
        const std::string_view name = body.take(body.number(1));
        must(!name.empty() && name != "." && name.find_first_of("/\0"sv) == std::string_view::npos);
        must(object.names.insert(name).second);
        object.links.emplace_back(name, body.number(8));
        return body.end();
      }
      case attribute:
        return attribute_message(body, object);
      default:
        throw OtherForm();
    }
  }

  /// "Attribute Message", version 3.
  static void attribute_message(Cursor body, Object& object) {
    constexpr std::string_view texts("\x19\1\0\0\x10\0\0\0\x10\0\0\0\1\0\0\0\0\0\x08\0", 20);
    body.expect("\3\0"sv);
    const std::uint64_t name_bytes = body.number(2), type_bytes = body.number(2),
                        space_bytes = body.number(2);
    body.expect(1, 0);
    const std::string_view name = body.take(name_bytes), type = body.take(type_bytes);
    must(name.size() > 1 && name.find('\0') == name.size() - 1 && object.attributes.insert(name).second);
    const std::uint64_t elements = elements_of(Cursor(body.take(space_bytes)));
    // dimension labels lie in a heap, where nobody reads them
    const bool labels = name == "DIMENSION_LABELS\0"sv && type == texts;
    const std::uint64_t each = labels ? 16 : element_bytes_of(Cursor(type));
    must(elements <= body.left() && elements * each == body.left());
  }

  int fd_;
  std::uint64_t end_;
  std::map<std::uint64_t, std::uint64_t> found_;   ///< names that lead to the object at an address
  std::map<std::uint64_t, std::uint64_t> stated_;  ///< and how many it says that there are, once it was read
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_;
};

}  // namespace

bool has_own_form(const Source& source) {
  const Descriptor file(open(source.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd() < 0) return false;
  try {
    Form(file.fd(), source.bytes).check();
    return true;
  } catch (const OtherForm&) {
    return false;
  }
}

}  // namespace pnn::io
