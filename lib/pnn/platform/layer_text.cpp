#include "pnn/platform/layer_text.hpp"

#include <algorithm>
#include <array>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

Index LayerText::index(const std::string& key, Index fallback, Index min) const {
  const auto it = values.find(key);
  if (it == values.end()) {
    if (fallback < min) throw UsageError(where + ": needs " + key + "=N");
    return fallback;
  }
  const std::int64_t value = parse_integer(it->second, where + ": " + key);
  if (value < min || value > 1'000'000) {
    throw UsageError(where + ": " + key + ": expected an integer from " + std::to_string(min) +
                     " to 1000000, found " + it->second);
  }
  return value;
}

double LayerText::number(const std::string& key, double fallback) const {
  const auto it = values.find(key);
  return it == values.end() ? fallback : parse_number(it->second, where + ": " + key);
}

std::pair<int, int> LayerText::size(const std::string& key, std::pair<int, int> fallback, int least,
                                    int most) const {
  const auto it = values.find(key);
  return it == values.end() ? fallback : parse_size(it->second, where + ": " + key, least, most);
}

std::string LayerText::choice(const std::string& key, const std::vector<std::string>& words) const {
  const auto it = values.find(key);
  if (it == values.end()) return words.front();
  if (std::find(words.begin(), words.end(), it->second) == words.end())
    throw UsageError(where + ": " + key + ": expected " + join(words, " or ") + ", found \"" + it->second +
                     "\"");
  return it->second;
}

std::pair<int, int> parse_size(const std::string& text, const std::string& where, int least, int most) {
  const auto parts = split(text, 'x');
  if (parts.size() != 2)
    throw UsageError(where + ": expected ROWSxCOLUMNS as in 16x8, found \"" + text + "\"");
  std::array<int, 2> n{};
  for (std::size_t k = 0; k < 2; ++k) {
    const auto v = parse_integer(parts[k], where);
    if (v < least || v > most)
      throw UsageError(where + ": expected " + std::to_string(least) + " to " + std::to_string(most) +
                       " rows and columns, found \"" + text + "\"");
    n[k] = static_cast<int>(v);
  }
  return {n[0], n[1]};
}

}  // namespace pnn::platform
