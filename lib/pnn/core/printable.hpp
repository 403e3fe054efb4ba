// Text of strangers, made fit for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace pnn {

/// Control characters, which may move a cursor or hide a line, become blanks, and text
/// beyond `most` bytes is cut (never within a UTF-8 character) and ends in "…".
std::string printable(std::string_view text, std::size_t most = 4000);

}  // namespace pnn
