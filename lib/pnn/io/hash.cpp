#include "pnn/io/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <vector>

#include "pnn/io/descriptor.hpp"

namespace pnn::io {
namespace {

std::string digits_of(XXH128_hash_t hash) {
  XXH128_canonical_t canonical{};
  XXH128_canonicalFromHash(&canonical, hash);
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    std::array<char, 3> pair{};
    std::snprintf(pair.data(), pair.size(), "%02x", byte);
    hex += pair.data();
  }
  return hex;
}

/// One state for files and texts alike.
class Hash {
 public:
  Hash() { XXH3_128bits_reset(&state_); }
  void add(const char* bytes, std::size_t count) { XXH3_128bits_update(&state_, bytes, count); }
  [[nodiscard]] std::string digits() const { return digits_of(XXH3_128bits_digest(&state_)); }

 private:
  XXH3_state_t state_;
};

}  // namespace

std::string content_hash(const std::string& path) {
  const Descriptor file(open_input(path, ""));
  Hash hash;
  std::vector<char> buffer(std::size_t{1} << 16);  // of small files not much more than they have
  while (const std::size_t got = read_some(file.fd(), buffer.data(), buffer.size(), path))
    hash.add(buffer.data(), got);
  return hash.digits();
}

std::string text_hash(std::string_view text) {
  Hash hash;
  hash.add(text.data(), text.size());
  return hash.digits();
}

}  // namespace pnn::io
