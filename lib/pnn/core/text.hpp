// Text in and out of numbers, the same everywhere and independent of the locale.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pnn {

/// The shortest decimal form that reads back to the same double ("0.1", "1e-05", "22").
std::string format_number(double value);
/// For tables: `digits` significant digits.
std::string format_short(double value, int digits = 4);
/// Finite decimal number, the whole text; throws UsageError "where: …".
double parse_number(std::string_view text, std::string_view where);
std::int64_t parse_integer(std::string_view text, std::string_view where);
/// "start:stop:step" (inclusive, step may be negative) or "a,b,c"; at least one value, at most 100 000.
std::vector<double> parse_range(std::string_view text, std::string_view where);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string_view trim(std::string_view text);
/// The candidate within edit distance of a third of the word's length, or empty.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);
/// `; did you mean "x"?` or empty: for the end of an error message.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace pnn
