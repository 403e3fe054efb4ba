// The content hash by which files refer to their inputs.
#pragma once

#include <string>
#include <string_view>

namespace pnn::io {

/// The XXH3 hash of a file's bytes (128 bit, canonical byte order, as `xxhsum -H2` prints it), as 32
/// hexadecimal digits. Throws InputError if the file cannot be read.
std::string content_hash(const std::string& path);
/// The same hash of a text.
std::string text_hash(std::string_view text);

}  // namespace pnn::io
