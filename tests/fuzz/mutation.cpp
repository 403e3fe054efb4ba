#include "mutation.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <random>

namespace fuzz {
namespace {

constexpr std::size_t checksum_bytes = 4, longest_block = 4096;
constexpr std::array<std::string_view, 16> signatures = {"OHDR", "OCHK", "BTHD", "BTIN", "BTLF", "FRHP",
                                                         "FHDB", "FHIB", "FSHD", "FSSE", "FAHD", "FADB",
                                                         "EAHD", "EAIB", "EASB", "EADB"};

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t count = 4) {
  std::uint32_t value = 0;
  for (std::size_t k = count; k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + k]);
  return value;
}

bool is_right(std::string_view bytes, const Block& block) {
  if (block.bytes < 8 || block.begin + block.bytes > bytes.size()) return false;
  const std::size_t end = block.begin + block.bytes - checksum_bytes;
  return lookup3(bytes.substr(block.begin, block.bytes - checksum_bytes)) == little(bytes, end);
}

/// Format specification, "Version 2 Data Object Header Prefix": flags at 5 say what stands before the size of
/// chunk 0.
std::size_t object_header_bytes(std::string_view bytes, std::size_t at) {
  if (at + 32 > bytes.size()) return 0;
  const auto flags = static_cast<unsigned char>(bytes[at + 5]);
  const std::size_t width = std::size_t{1} << (flags & 3U);
  const std::size_t size_at = at + 6 + ((flags & 0x20U) != 0 ? 16 : 0) + ((flags & 0x10U) != 0 ? 4 : 0);
  return size_at - at + width + little(bytes, size_at, std::min<std::size_t>(width, 4)) + checksum_bytes;
}

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
  return static_cast<std::size_t>(random() % bound);
}

/// Mostly within the metadata, which is a small part of a file and all of its danger.
std::size_t place(Random& random, const Seed& seed) {
  if (!seed.blocks.empty() && below(random, 4) != 0) {
    const Block& block = seed.blocks[below(random, seed.blocks.size())];
    return block.begin + below(random, block.bytes);
  }
  return below(random, seed.bytes.size());
}

void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t count) {
  for (std::size_t k = 0; k < count && at + k < bytes.size(); ++k)
    bytes[at + k] = static_cast<char>(value >> (8 * k) & 0xffU);
}

/// Sizes and addresses at the edges of what is possible, and those of this very file.
std::uint64_t trouble(Random& random, const Seed& seed) {
  constexpr std::array<std::uint64_t, 16> edges = {
      0,          1,          2,           0x7f,        0x80,
      0xff,       0x7fff,     0xffff,      0xfffe,      0x10000000,
      0x7fffffff, 0xffffffff, 1ULL << 32U, 1ULL << 60U, 0x7fffffffffffffff,
      ~0ULL};
  switch (below(random, 4)) {
    case 0:
      return seed.bytes.size() - below(random, 64);
    case 1:
      return seed.blocks.empty() ? below(random, 256) : seed.blocks[below(random, seed.blocks.size())].begin;
    case 2:
      return below(random, 300);
    default:
      return edges[below(random, edges.size())];
  }
}

/// Another digit, or another number, at the next number written as text.
void change_text(Random& random, const Seed& seed, std::string& bytes) {
  constexpr std::string_view digits = "0123456789";
  std::size_t at = bytes.find_first_of(digits, place(random, seed) % std::max<std::size_t>(bytes.size(), 1));
  if (at == std::string::npos) return;
  const std::string_view with = below(random, 2) == 0 ? "0123456789" : "99999999-x.,:=";
  const std::size_t count = 1 + below(random, 6);
  for (std::size_t k = 0; k < count && at < bytes.size(); ++k) bytes[at++] = with[below(random, with.size())];
}

void copy(Random& random, std::string& bytes, const std::string& from, std::size_t to) {
  const std::size_t count = std::size_t{1} << below(random, 8);
  const std::size_t begin = below(random, from.size());
  for (std::size_t k = 0; k < count && begin + k < from.size() && to + k < bytes.size(); ++k)
    bytes[to + k] = from[begin + k];
}

void change(Random& random, const Seed& seed, const Seed& other, std::string& bytes) {
  const std::size_t at = place(random, seed);
  if (at >= bytes.size()) return;
  switch (below(random, 8)) {
    case 0:
    case 1:
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << below(random, 8)));
      return;
    case 2:
      bytes[at] = static_cast<char>(random());
      return;
    case 3:
    case 4:
      return put(bytes, at, trouble(random, seed), std::size_t{1} << below(random, 4));
    case 5:
      return change_text(random, seed, bytes);
    case 6:
      return copy(random, bytes, seed.bytes, at);
    default:
      return copy(random, bytes, other.bytes, at);
  }
}

}  // namespace

std::uint32_t lookup3(std::string_view bytes) {
  const auto rot = [](std::uint32_t x, int k) { return std::rotl(x, k); };
  std::uint32_t a = 0xdeadbeef + static_cast<std::uint32_t>(bytes.size()), b = a, c = a;
  if (bytes.empty()) return c;
  std::size_t at = 0;
  for (; bytes.size() - at > 12; at += 12) {
    a += little(bytes, at), b += little(bytes, at + 4), c += little(bytes, at + 8);
    a -= c, a ^= rot(c, 4), c += b, b -= a, b ^= rot(a, 6), a += c, c -= b, c ^= rot(b, 8), b += a;
    a -= c, a ^= rot(c, 16), c += b, b -= a, b ^= rot(a, 19), a += c, c -= b, c ^= rot(b, 4), b += a;
  }
  std::array<char, 12> rest{};
  std::memcpy(rest.data(), bytes.data() + at, bytes.size() - at);
  const std::string_view last(rest.data(), rest.size());
  a += little(last, 0), b += little(last, 4), c += little(last, 8);
  c ^= b, c -= rot(b, 14), a ^= c, a -= rot(c, 11), b ^= a, b -= rot(a, 25), c ^= b, c -= rot(b, 16);
  a ^= c, a -= rot(c, 4), b ^= a, b -= rot(a, 14), c ^= b, c -= rot(b, 24);
  return c;
}

std::vector<Block> find_blocks(const std::string& bytes) {
  std::vector<Block> blocks;
  if (constexpr std::size_t superblock = 48; is_right(bytes, {0, superblock}))
    blocks.push_back({0, superblock});
  for (std::size_t at = 0; at + 8 <= bytes.size(); ++at) {
    const std::string_view signature = std::string_view(bytes).substr(at, 4);
    if (std::find(signatures.begin(), signatures.end(), signature) == signatures.end()) continue;
    const std::size_t header = signature == "OHDR" ? object_header_bytes(bytes, at) : 0;
    if (header > 0 && is_right(bytes, {at, header})) blocks.push_back({at, header});
    // other blocks do not say their length where they stand
    for (std::size_t size = 8; header == 0 && size <= longest_block; ++size) {
      if (!is_right(bytes, {at, size})) continue;
      blocks.push_back({at, size});
      break;
    }
  }
  return blocks;
}

void repair(std::string& bytes, const std::vector<Block>& blocks) {
  for (const Block& block : blocks) {
    if (block.begin + block.bytes > bytes.size()) continue;
    const std::size_t end = block.begin + block.bytes - checksum_bytes;
    put(bytes, end, lookup3(std::string_view(bytes).substr(block.begin, block.bytes - checksum_bytes)),
        checksum_bytes);
  }
}

std::string mutate(const Seed& seed, const Seed& other, std::uint64_t number) {
  Random random(number);
  std::string bytes = seed.bytes;
  for (std::size_t changes = 1 + below(random, 8); changes > 0 && !bytes.empty(); --changes)
    change(random, seed, other, bytes);
  if (below(random, 32) == 0) bytes.resize(below(random, bytes.size() + 1));
  if (below(random, 8) != 0) repair(bytes, seed.blocks);
  return bytes;
}

}  // namespace fuzz
