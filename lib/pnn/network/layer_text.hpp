// One --layer as the user writes it, in parts: "mrr:out=10,chip=8x8". What the parts mean is spec.cpp's.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pnn/network/spec.hpp"

namespace pnn::network {

struct KindInfo {
  const char* word;
  Kind kind;
  std::vector<std::string> keys;  ///< allowed; the first is what a bare value means
};

/// A layer's kind and the values of its keys, as written.
struct Parsed {
  const KindInfo* info = nullptr;
  std::map<std::string, std::string> values;
};

/// Throws UsageError on an unknown kind or key, naming the nearest, and on a key that stands twice.
Parsed parse_layer(const std::string& text);

/// The one spelling of what was parsed: keys in the order of the table.
std::string canonical(const Parsed& layer);

// Values of keys. `where` names the layer in errors, all of which are UsageErrors.

/// From `min` to a million; `fallback` where the key is absent, which must be there if that is below `min`.
Index get_index(const Parsed& layer, const std::string& key, Index fallback, Index min,
                const std::string& where);
/// "16x8" → (16, 8), each from `least` to `most`; `where` names layer and key.
std::pair<int, int> parse_size(const std::string& text, const std::string& where, int least, int most);
std::pair<int, int> parse_chip(const std::string& text, const std::string& where);
/// The value of a key that is one of some words; the first is the default.
std::string word_of(const Parsed& layer, const std::string& key, const std::vector<std::string>& words,
                    const std::string& where);

}  // namespace pnn::network
