// The content hash by which a file names its inputs.
#pragma once

#include <string>
#include <string_view>

namespace pnn::io {

/// 32 hexadecimal digits: XXH3 (128 bit, canonical byte order, as `xxhsum -H2` prints it) of the bytes of a
/// file. Throws InputError where it cannot be read.
std::string content_hash(const std::string& path);
/// The same of a text.
std::string text_hash(std::string_view text);

}  // namespace pnn::io
