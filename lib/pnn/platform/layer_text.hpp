// The text of one --layer, taken apart: "dense:out=10" is a word and values of keys.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platform {

/// The parts of one --layer. Each of its readers throws UsageError, beginning with `where`, for a value that
/// is not allowed.
struct LayerText {
  std::string word;                           ///< "dense"
  std::map<std::string, std::string> values;  ///< values by key, as written
  std::string where;                          ///< how errors name the layer: "--layer dense:out=10"

  [[nodiscard]] bool has(const std::string& key) const { return values.contains(key); }
  /// An integer from `min` to a million; `fallback` if the key is absent. A fallback below `min` means that
  /// the key is required.
  [[nodiscard]] Index index(const std::string& key, Index fallback, Index min) const;
  /// A number; `fallback` if the key is absent.
  [[nodiscard]] double number(const std::string& key, double fallback) const;
  /// "16x8" → (16, 8), each from `least` to `most`; `fallback` if the key is absent.
  [[nodiscard]] std::pair<int, int> size(const std::string& key, std::pair<int, int> fallback, int least,
                                         int most) const;
  /// The value of a key with a list of allowed words; the first if the key is absent.
  [[nodiscard]] std::string choice(const std::string& key, const std::vector<std::string>& words) const;
};

/// "16x8" → (16, 8), each from `least` to `most`. Throws UsageError, beginning with `where`.
std::pair<int, int> parse_size(const std::string& text, const std::string& where, int least, int most);

}  // namespace pnn::platform
