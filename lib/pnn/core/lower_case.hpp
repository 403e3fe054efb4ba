// Text without capitals, as words are compared where people write them either way. Letters beyond ASCII stay.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace pnn {

inline char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

inline std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower_case(c); });
  return out;
}

}  // namespace pnn
