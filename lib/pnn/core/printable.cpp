#include "pnn/core/printable.hpp"

#include <algorithm>

namespace pnn {

std::string printable(std::string_view text, std::size_t most) {
  const auto continues = [&](std::size_t k) {
    return (static_cast<unsigned char>(text[k]) & 0xC0U) == 0x80U;
  };
  std::size_t end = std::min(text.size(), most);
  while (end < text.size() && end > 0 && continues(end)) --end;
  std::string result(text.substr(0, end));
  std::replace_if(
      result.begin(), result.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return end < text.size() ? result + "…" : result;
}

}  // namespace pnn
