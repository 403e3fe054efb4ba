#include "pnn/platform/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {
namespace {

std::string range_of(const Quantity& quantity) {
  return std::string("[") + format_number(quantity.min) + ", " + format_number(quantity.max) + "]" +
         (quantity.unit == "1" || quantity.unit.empty() ? "" : " " + quantity.unit);
}

std::string hint_of(const Quantity& quantity) {
  return quantity.hint.empty() ? "" : " (" + quantity.hint + ")";
}

}  // namespace

double parse_quantity(const Quantity& quantity, std::string_view text) {
  if (!quantity.choices.empty()) {
    const auto found = std::find(quantity.choices.begin(), quantity.choices.end(), text);
    if (found == quantity.choices.end())
      throw UsageError(quantity.name + ": expected " + join(quantity.choices, " or ") + ", found \"" +
                       std::string(text) + "\"");
    return double(found - quantity.choices.begin());
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = trim(text.substr(std::size_t(end - text.data())));
  const bool degrees = quantity.unit == "rad" && unit == "deg";
  if (degrees) value *= std::numbers::pi / 180;
  const bool fits = error == std::errc() && std::isfinite(value) &&
                    (unit.empty() || degrees || unit == quantity.unit) &&
                    complaint_about(quantity, value).empty();
  if (!fits) {
    throw UsageError(quantity.name + ": expected " +
                     (quantity.integer ? "a whole number in " : "a number in ") + range_of(quantity) +
                     ", found \"" + std::string(text) + "\"" + hint_of(quantity));
  }
  return value;
}

std::string value_text(const Quantity& quantity, double value) {
  return quantity.choices.empty() ? format_number(value) : quantity.choices.at(std::size_t(value));
}

std::string complaint_about(const Quantity& quantity, double value) {
  if (!(value >= quantity.min && value <= quantity.max)) {
    return quantity.name + " is " + format_number(value) + ", expected a number in " + range_of(quantity) +
           hint_of(quantity);
  }
  if (quantity.integer && value != std::floor(value)) {
    return quantity.name + " is " + format_number(value) + ", expected a whole number";
  }
  return {};
}

}  // namespace pnn::platform
