// A named number (of a fabrication process, a condition, a system parameter): its unit, its range, and how a
// user writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pnn::platform {

/// Name, unit, description and range of a number.
struct Quantity {
  std::string name;         ///< of a process: the word of its platform, a point, and the rest
  std::string unit;         ///< "nm", "1", …
  std::string description;  ///< one sentence with its source
  double min = 0, max = 0;  ///< allowed range
  bool integer = false;
  bool spread = false;    ///< a spread, which --variance scales
  std::string hint = {};  ///< advice for a value out of range: "a factor: 1.05 is 5 % larger"
  double initial = 0;     ///< the default
  /// Words for the values 0, 1, …, if the value is a choice; min and max follow from their number.
  std::vector<std::string> choices = {};
  bool of_layout =
      false;  ///< where a network lies on chips depends on it: it cannot change once a network is trained
  int since_minor = 0;  ///< minor version of the file format that first wrote it; older files mean `initial`
};

/// Another name under which users can set a quantity, with values in another convention.
struct QuantityAlias : Quantity {
  std::string stands_for;                     ///< name of the quantity
  double (*convert)(double value) = nullptr;  ///< value of the alias → value of the quantity
};

/// Reads a value: "0.1", "0.1nm" or "0.1 nm"; an angle in rad also as "2deg"; a choice as its word. Throws
/// UsageError, naming what was expected.
double parse_quantity(const Quantity& quantity, std::string_view text);
/// Writes a value so that parse_quantity reads it: a number, or the word of a choice.
std::string value_text(const Quantity& quantity, double value);
/// A complaint if the value is out of range, with the range and the hint; empty when fine.
std::string complaint_about(const Quantity& quantity, double value);

/// A quantity of a platform's process struct P. A platform declares all of them in P::quantities().
template <class P>
struct QuantityOf : Quantity {
  double P::*value;
};

/// The quantities of a platform's process P; the initial values are those of a default P.
template <class P>
std::vector<Quantity> quantities_of() {
  std::vector<Quantity> all;
  for (const QuantityOf<P>& quantity : P::quantities()) {
    all.push_back(quantity);
    all.back().initial = P{}.*(quantity.value);
  }
  return all;
}

/// All complaints about the numbers of `process`; empty when fine.
template <class P>
std::vector<std::string> complaints_about(const std::vector<QuantityOf<P>>& quantities, const P& process) {
  std::vector<std::string> wrong;
  for (const QuantityOf<P>& quantity : quantities) {
    const std::string complaint = complaint_about(quantity, process.*(quantity.value));
    if (!complaint.empty()) wrong.push_back(complaint);
  }
  return wrong;
}

}  // namespace pnn::platform
