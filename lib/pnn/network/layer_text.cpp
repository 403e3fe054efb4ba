#include "pnn/network/layer_text.hpp"

#include <algorithm>
#include <array>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/mrr_process.hpp"

namespace pnn::network {
namespace {

const std::vector<KindInfo>& kinds() {
  static const std::vector<KindInfo> table = {
      {"mrr", Kind::mrr, {"out", "chip", "reuse"}},
      {"mrr-conv", Kind::mrr_conv, {"out", "kernel", "pad", "stride", "chip", "reuse"}},
      {"mzi", Kind::mzi, {"modes", "layout", "detect", "keep"}},
      {"freespace", Kind::freespace, {"out", "layout", "grid", "image", "block", "guard", "signed", "per"}},
      {"d2nn",
       Kind::d2nn,
       {"out", "masks", "pixels", "pitch", "wavelength", "gap", "entry", "levels", "image", "block", "encode",
        "detectors", "side", "moving"}},
      {"dense", Kind::dense, {"out"}},
      {"conv", Kind::conv, {"out", "kernel", "pad", "stride"}},
      {"batchnorm", Kind::batchnorm, {}},
      {"maxpool", Kind::maxpool, {"size"}},
      {"relu", Kind::relu, {}},
      {"sigmoid", Kind::sigmoid, {}},
      {"tanh", Kind::tanh, {}},
      {"softplus", Kind::softplus, {}},
      {"abs2", Kind::abs2, {}},
      {"electro-optic", Kind::electro_optic, {}},
      {"normalize", Kind::normalize, {"power"}},
  };
  return table;
}

}  // namespace

Parsed parse_layer(const std::string& text) {
  const std::string where = "--layer " + text;
  const std::size_t colon = text.find(':');
  const std::string word(trim(std::string_view(text).substr(0, colon)));
  Parsed parsed;
  std::vector<std::string> words;
  for (const KindInfo& k : kinds()) {
    words.emplace_back(k.word);
    if (word == k.word) parsed.info = &k;
  }
  if (!parsed.info) {
    throw UsageError(where + ": unknown layer kind \"" + word + "\"" + did_you_mean(word, words) +
                     " (known: " + join(words, ", ") + ")");
  }
  if (colon == std::string::npos) return parsed;
  for (const std::string& part : split(std::string_view(text).substr(colon + 1), ',')) {
    const std::size_t eq = part.find('=');
    std::string key(trim(std::string_view(part).substr(0, eq)));
    std::string value =
        eq == std::string::npos ? std::string() : std::string(trim(std::string_view(part).substr(eq + 1)));
    if (eq == std::string::npos && !parsed.info->keys.empty()) {  // "maxpool:2"
      value = key;
      key = parsed.info->keys.front();
    }
    if (std::find(parsed.info->keys.begin(), parsed.info->keys.end(), key) == parsed.info->keys.end()) {
      throw UsageError(where + ": " + word + " has no key \"" + key + "\"" +
                       did_you_mean(key, parsed.info->keys) +
                       (parsed.info->keys.empty() ? " (it takes none)"
                                                  : " (known: " + join(parsed.info->keys, ", ") + ")"));
    }
    if (!parsed.values.emplace(key, value).second) throw UsageError(where + ": \"" + key + "\" stands twice");
  }
  return parsed;
}

Index get_index(const Parsed& p, const std::string& key, Index fallback, Index min,
                const std::string& where) {
  const auto it = p.values.find(key);
  if (it == p.values.end()) {
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

std::pair<int, int> parse_chip(const std::string& text, const std::string& where) {
  return parse_size(text, where + ": chip", 1, platform::most_chip_side);
}

std::string canonical(const Parsed& p) {
  std::string text = p.info->word;
  char separator = ':';
  for (const std::string& key : p.info->keys) {
    const auto it = p.values.find(key);
    if (it == p.values.end()) continue;
    text += separator + (p.info->kind == Kind::maxpool ? it->second : key + "=" + it->second);
    separator = ',';
  }
  return text;
}

std::string word_of(const Parsed& p, const std::string& key, const std::vector<std::string>& words,
                    const std::string& where) {
  const auto it = p.values.find(key);
  if (it == p.values.end()) return words.front();
  if (std::find(words.begin(), words.end(), it->second) == words.end())
    throw UsageError(where + ": " + key + ": expected " + join(words, " or ") + ", found \"" + it->second +
                     "\"");
  return it->second;
}

}  // namespace pnn::network
