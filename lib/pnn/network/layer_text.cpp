#include "pnn/network/layer_text.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::network {
namespace {

/// The keys of a convolution on a platform: those of its layers, with those of the patches behind the first.
std::vector<std::string> convolution_keys(std::vector<std::string> keys) {
  keys.insert(keys.begin() + 1, {"kernel", "pad", "stride"});
  return keys;
}

const std::vector<KindInfo>& kinds() {
  static const std::vector<KindInfo> table = [] {
    std::vector<KindInfo> all;
    for (const platform::Platform* platform : platform::registry()) {
      all.push_back({platform->word(), Kind::physical, platform->keys(), platform});
      if (platform->convolves())
        all.push_back(
            {platform->word() + "-conv", Kind::physical_conv, convolution_keys(platform->keys()), platform});
    }
    const std::vector<KindInfo> digital = {
        {"dense", Kind::dense, {"out"}},
        {"conv", Kind::conv, {"out", "kernel", "pad", "stride", "groups"}},
        {"batchnorm", Kind::batchnorm, {}},
        {"maxpool", Kind::maxpool, {"size"}, nullptr, true},
        {"avgpool", Kind::avgpool, {"size"}, nullptr, true},
        {"dropout", Kind::dropout, {"rate"}, nullptr, true},
        {"save", Kind::save, {"name"}, nullptr, true},
        {"add", Kind::add, {"name", "stride"}, nullptr, true},
        {"relu", Kind::relu, {}},
        {"sigmoid", Kind::sigmoid, {}},
        {"tanh", Kind::tanh, {}},
        {"softplus", Kind::softplus, {}},
        {"abs2", Kind::abs2, {}},
        {"electro-optic", Kind::electro_optic, {}},
        {"normalize", Kind::normalize, {"power"}},
    };
    all.insert(all.end(), digital.begin(), digital.end());
    return all;
  }();
  return table;
}

}  // namespace

std::string layer_word(const std::string& text) {
  return std::string(trim(std::string_view(text).substr(0, text.find(':'))));
}

bool is_layer_kind(const std::string& word) {
  return std::any_of(kinds().begin(), kinds().end(), [&](const KindInfo& kind) { return kind.word == word; });
}

ParsedLayer parse_layer(const std::string& text) {
  const std::string where = "--layer " + text;
  const std::size_t colon = text.find(':');
  const std::string word = layer_word(text);
  ParsedLayer parsed;
  std::vector<std::string> words;
  for (const KindInfo& k : kinds()) {
    words.push_back(k.word);
    if (word == k.word) parsed.kind = &k;
  }
  if (!parsed.kind) {
    throw UsageError(where + ": unknown layer kind \"" + word + "\"" + did_you_mean(word, words) +
                     " (known: " + join(words, ", ") + ")");
  }
  parsed.text.word = word;
  parsed.text.where = where;
  if (colon == std::string::npos) return parsed;
  for (const std::string& part : split(std::string_view(text).substr(colon + 1), ',')) {
    const std::size_t eq = part.find('=');
    std::string key(trim(std::string_view(part).substr(0, eq)));
    std::string value =
        eq == std::string::npos ? std::string() : std::string(trim(std::string_view(part).substr(eq + 1)));
    if (eq == std::string::npos && !parsed.kind->keys.empty()) {  // "maxpool:2"
      value = key;
      key = parsed.kind->keys.front();
    }
    if (std::find(parsed.kind->keys.begin(), parsed.kind->keys.end(), key) == parsed.kind->keys.end()) {
      throw UsageError(where + ": " + word + " has no key \"" + key + "\"" +
                       did_you_mean(key, parsed.kind->keys) +
                       (parsed.kind->keys.empty() ? " (it takes none)"
                                                  : " (known: " + join(parsed.kind->keys, ", ") + ")"));
    }
    if (!parsed.text.values.emplace(key, value).second)
      throw UsageError(where + ": \"" + key + "\" stands twice");
  }
  return parsed;
}

std::string canonical(const ParsedLayer& p) {
  std::string text = p.kind->word;
  char separator = ':';
  for (const std::string& key : p.kind->keys) {
    const auto it = p.text.values.find(key);
    if (it == p.text.values.end()) continue;
    text += separator + (p.kind->bare && key == p.kind->keys.front() ? it->second : key + "=" + it->second);
    separator = ',';
  }
  return text;
}

}  // namespace pnn::network
