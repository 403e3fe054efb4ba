// A table of curves, as a laboratory brings it.
#pragma once

#include <string>

#include "pnn/model/import.hpp"

namespace pnn::test {

/// Two elements, 8 and 10 samples, rows of the two in turn; a dip at the seventh.
inline model::CurveTable curve_table() {
  model::CurveTable t;
  for (int k = 0; k < 10; ++k) {
    for (const char* element : {"b", "a"}) {
      if (std::string(element) == "b" && k >= 8) continue;
      t.element.emplace_back(element);
      t.control.push_back(0.5 * k);
      t.response.push_back(k == 6 ? -1 : 1 - 0.01 * k);
    }
  }
  return t;
}

}  // namespace pnn::test
