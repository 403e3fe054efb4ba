// Bytes as text (RFC 4648, section 4: with padding, without line ends).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pnn::device {

/// The bytes as text.
std::string to_base64(std::span<const std::byte> bytes);
/// The bytes of a text that to_base64 could have written; empty for any other text.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace pnn::device
