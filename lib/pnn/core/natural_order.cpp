#include "pnn/core/natural_order.hpp"

#include <algorithm>

namespace pnn {
namespace {

constexpr std::string_view digits = "0123456789";

/// Takes the digits at the beginning away; returns them without leading zeros.
std::string_view take_number(std::string_view& text) {
  std::string_view number = text.substr(0, std::min(text.find_first_not_of(digits), text.size()));
  text.remove_prefix(number.size());
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

}  // namespace

bool natural_less(std::string_view left, std::string_view right) {
  std::string_view l = left, r = right;
  const auto at_number = [](std::string_view text) { return digits.find(text.front()) != digits.npos; };
  while (!l.empty() && !r.empty()) {
    if (at_number(l) && at_number(r)) {
      const std::string_view a = take_number(l), b = take_number(r);
      if (a != b) return a.size() != b.size() ? a.size() < b.size() : a < b;
    } else {
      if (l.front() != r.front()) return l.front() < r.front();
      l.remove_prefix(1), r.remove_prefix(1);
    }
  }
  if (l.empty() != r.empty()) return l.empty();
  return left < right;  // they differ in leading zeros alone
}

}  // namespace pnn
