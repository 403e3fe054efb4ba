// Text in and out of numbers, the same everywhere and independent of the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pnn {

/// The shortest decimal form that reads back to the same double ("0.1", "1e-05", "22").
std::string format_number(double value);
/// For tables: `digits` significant digits.
std::string format_short(double value, int digits = 4);
/// A finite decimal number that is the whole text (surrounding blanks and one leading + allowed), or
/// nothing: no hexadecimal form, no nan, no inf, no value that overflows or underflows a double.
std::optional<double> read_number(std::string_view text);
/// Finite decimal number, the whole text; throws UsageError "where: …".
double parse_number(std::string_view text, std::string_view where);
/// Decimal integer, the whole text ("1e3" and "5.0" are none); throws UsageError "where: …".
std::int64_t parse_integer(std::string_view text, std::string_view where);
/// "start:stop:step" (inclusive, step may be negative) or "a,b,c"; at least one value, at most 100 000.
/// Steps land on the decimal numbers that a reader expects (0:1:0.1 holds 0.3, not 0.30000000000000004),
/// and a stop within a millionth of a step is reached exactly. Throws UsageError "where: …".
std::vector<double> parse_range(std::string_view text, std::string_view where);
/// n separators give n + 1 parts; parts may be empty and are not trimmed.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// Without blanks, tabs and line ends on either side.
std::string_view trim(std::string_view text);
/// The candidate within edit distance (a swap of neighbours counts once) of a third of the word's
/// length; else the one that the word begins or that abbreviates it ("learning-rate": "lr"); or empty.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);
/// `; did you mean "x"?` or empty: for the end of an error message.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace pnn
