// A named number of a fabrication process: its unit, its range, and how a user writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pnn::platform {

struct Quantity {
  std::string name;         ///< "mrr.delta.sigma"
  std::string unit;         ///< "nm", "1", …
  std::string description;  ///< one sentence with its source
  double min = 0, max = 0;  ///< allowed range
  bool integer = false;
  bool spread = false;    ///< scaled by --variance
  std::string hint = {};  ///< what helps who wrote a value out of range: "a factor: 1.05 is 5 % larger"
};

/// The number in "0.1", "0.1nm" or "0.1 nm"; of an angle in rad also in "2deg". Throws UsageError naming what
/// was expected.
double parse_quantity(const Quantity& quantity, std::string_view text);
/// What is wrong with this value of the quantity, its range and its hint with it; empty when nothing is.
std::string complaint_about(const Quantity& quantity, double value);

/// One named number of a platform's process P.
template <class P>
struct QuantityOf : Quantity {
  double P::*value;
};

/// What is wrong with the numbers of `process`, one by one; empty when nothing is.
template <class P>
std::vector<std::string> complaints_about(const std::vector<QuantityOf<P>>& quantities, const P& process) {
  std::vector<std::string> wrong;
  for (const QuantityOf<P>& quantity : quantities) {
    const std::string complaint = complaint_about(quantity, process.*(quantity.value));
    if (!complaint.empty()) wrong.push_back(complaint);
  }
  return wrong;
}

/// Every spread times `factor`.
template <class P>
P scale_spreads(const std::vector<QuantityOf<P>>& quantities, P process, double factor) {
  for (const QuantityOf<P>& quantity : quantities) {
    if (quantity.spread) process.*(quantity.value) *= factor;
  }
  return process;
}

}  // namespace pnn::platform
