#include "pnn/io/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <vector>

#include "pnn/io/descriptor.hpp"

namespace pnn::io {

std::string content_hash(const std::string& path) {
  const Descriptor file(open_input(path, ""));
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  std::vector<char> buffer(std::size_t{1} << 20);
  while (const std::size_t got = read_some(file.fd(), buffer.data(), buffer.size(), path))
    XXH3_128bits_update(&state, buffer.data(), got);
  XXH128_canonical_t canonical{};
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  std::string hex;
  for (const unsigned char byte : canonical.digest) {
    std::array<char, 3> pair{};
    std::snprintf(pair.data(), pair.size(), "%02x", byte);
    hex += pair.data();
  }
  return hex;
}

}  // namespace pnn::io
