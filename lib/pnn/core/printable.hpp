// Text of strangers, made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace pnn {

/// Whether a byte begins a character: continuation bytes of UTF-8 do not, and take no room on a terminal.
inline bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}
/// Characters on a terminal.
std::size_t display_width(std::string_view text);

/// Control characters, which may move a cursor or hide a line, become blanks, and text
/// beyond `most` bytes is cut (never within a UTF-8 character) and ends in "…".
std::string printable(std::string_view text, std::size_t most = 4000);

}  // namespace pnn
