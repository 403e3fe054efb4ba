#include "pnn/core/errors.hpp"

#include <algorithm>

namespace pnn {

void Complaints::raise() const {
  if (list_.empty()) return;
  constexpr std::size_t most = 20;  // a forged file could produce any number of complaints
  std::string text = where_ + ": ";
  for (std::size_t k = 0; k < std::min(list_.size(), most); ++k) text += (k ? "; " : "") + list_[k];
  if (list_.size() > most) text += "; and " + std::to_string(list_.size() - most) + " complaints more";
  throw InputError(text);
}

}  // namespace pnn
