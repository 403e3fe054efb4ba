// A named number of a fabrication process: its unit, its range, and how a user writes it.
#pragma once

#include <string>
#include <string_view>

namespace pnn::platform {

struct Quantity {
  std::string name;         ///< "mrr.delta.sigma"
  std::string unit;         ///< "nm", "1", …
  std::string description;  ///< one sentence with its source
  double min = 0, max = 0;  ///< allowed range
  bool integer = false;
  bool spread = false;  ///< scaled by --variance
};

/// The number in "0.1", "0.1nm" or "0.1 nm"; of an angle in rad also in "2deg". Throws UsageError naming what
/// was expected.
double parse_quantity(const Quantity& quantity, std::string_view text);
/// What is wrong with this value of the quantity; empty when nothing is.
std::string complaint_about(const Quantity& quantity, double value);

}  // namespace pnn::platform
