// What the text of a table's cell is: a number, no reading, or a word.
#pragma once

#include <optional>
#include <string_view>

namespace pnn::io {

/// Whether it is a word that stands where an instrument has no reading ("", NaN, OVLD, #N/A …).
bool is_no_reading(std::string_view text);
/// A finite number as instruments and programs write it: also with D in front of the exponent, a minus sign
/// of typography, or a decimal comma.
std::optional<double> number_in(std::string_view text, bool decimal_comma);
/// 1e999 is a number for an instrument, and beyond a double.
bool overflows(std::string_view text);

}  // namespace pnn::io
