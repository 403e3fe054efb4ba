#include "pnn/core/printable.hpp"

#include <algorithm>

namespace pnn {

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string printable(std::string_view text, std::size_t most) {
  std::size_t end = std::min(text.size(), most);
  while (end < text.size() && end > 0 && !begins_character(text[end])) --end;
  std::string result(text.substr(0, end));
  std::replace_if(
      result.begin(), result.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return end < text.size() ? result + "…" : result;
}

}  // namespace pnn
