#include "pnn/platform/platform.hpp"

#include <algorithm>

namespace pnn::platform {

const Platform* find_platform(std::string_view word) {
  for (const Platform* platform : registry())
    if (platform->word() == word) return platform;
  return nullptr;
}

std::vector<TruthField> all_truth_fields() {
  std::vector<TruthField> fields;
  for (const Platform* platform : registry())
    fields.insert(fields.end(), platform->truth_fields().begin(), platform->truth_fields().end());
  return fields;
}

std::vector<const ResponseOffset*> response_offsets() {
  std::vector<const ResponseOffset*> all;
  for (const Platform* platform : registry()) {
    const ResponseOffset* offset = platform->response();
    if (offset != nullptr && std::find(all.begin(), all.end(), offset) == all.end()) all.push_back(offset);
  }
  return all;
}

}  // namespace pnn::platform
