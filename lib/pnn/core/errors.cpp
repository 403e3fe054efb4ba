#include "pnn/core/errors.hpp"

namespace pnn {

void Complaints::raise() const {
  if (list_.empty()) return;
  std::string text = where_ + ": ";
  for (std::size_t k = 0; k < list_.size(); ++k) text += (k ? "; " : "") + list_[k];
  throw InputError(text);
}

}  // namespace pnn
