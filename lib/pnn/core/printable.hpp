// Text from files and other programs, made safe to print on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace pnn {

/// Whether a byte begins a UTF-8 character. Continuation bytes do not, and take no column on a terminal.
inline bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}
/// Number of columns that UTF-8 text takes on a terminal (one for each character).
std::size_t display_width(std::string_view text);

/// The text with control characters, which could move the cursor or hide a line, replaced by blanks. Text
/// beyond `most` bytes is cut between two UTF-8 characters and then ends in "…".
std::string printable(std::string_view text, std::size_t most = 4000);

}  // namespace pnn
