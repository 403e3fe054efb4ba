// Parses one --layer: its kind, and the values of its keys. What the values mean is decided in spec.cpp or by
// the platform.
#pragma once

#include <string>
#include <vector>

#include "pnn/network/spec.hpp"
#include "pnn/platform/layer_text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::network {

using platform::LayerText;

/// A kind of layer that users can write.
struct KindInfo {
  std::string word;
  Kind kind;
  std::vector<std::string> keys;                 ///< allowed keys; a bare value belongs to the first
  const platform::Platform* platform = nullptr;  ///< platform of a physical layer; else null
  bool bare = false;                             ///< the value of the first key is written without its name
};

/// A parsed --layer.
struct ParsedLayer {
  const KindInfo* kind = nullptr;
  LayerText text;
};

/// The word of a layer's kind, whether there is such a kind or not.
std::string layer_word(const std::string& text);
[[nodiscard]] bool is_layer_kind(const std::string& word);

/// Throws UsageError for an unknown kind or key, naming the nearest one, and for a key given twice.
ParsedLayer parse_layer(const std::string& text);

/// The canonical spelling of a parsed layer: its keys in the order of the table.
std::string canonical(const ParsedLayer& layer);

}  // namespace pnn::network
