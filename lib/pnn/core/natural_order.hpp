// The order in which people put names.
#pragma once

#include <string_view>

namespace pnn {

/// Whether `left` stands before `right`: numbers within the texts by their value ("r2" before "r10"), the
/// rest by characters.
bool natural_less(std::string_view left, std::string_view right);

}  // namespace pnn
