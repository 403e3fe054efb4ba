// Conversions between text and numbers, the same on every machine and independent of the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pnn {

/// The shortest decimal text that reads back as the same double ("0.1", "1e-05", "22").
std::string format_number(double value);
/// The value with `digits` significant digits, for tables.
std::string format_short(double value, int digits = 4);
/// Reads a finite decimal number that is the whole text (surrounding blanks and one leading + are allowed).
/// Returns nothing for hexadecimal forms, nan, inf, and values that overflow or underflow a double.
std::optional<double> read_number(std::string_view text);
/// The same; throws UsageError "where: …" if the text is no such number.
double parse_number(std::string_view text, std::string_view where);
/// Reads a decimal integer that is the whole text ("1e3" and "5.0" are refused); throws UsageError "where:
/// …".
std::int64_t parse_integer(std::string_view text, std::string_view where);
/// Reads "start:stop:step" (stop included, step may be negative) or "a,b,c": from 1 to 100 000 values. Steps
/// give the expected decimal numbers (0:1:0.1 contains 0.3, not 0.30000000000000004), and a stop within a
/// millionth of a step is reached exactly. Throws UsageError "where: …".
std::vector<double> parse_range(std::string_view text, std::string_view where);
/// Splits at each separator: n separators give n + 1 parts, which may be empty and are not trimmed.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// The text without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);
/// The candidate within an edit distance of a third of the word's length (a swap of neighbours counts once);
/// otherwise one that the word begins, or that abbreviates the word ("learning-rate": "lr"); otherwise empty.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);
/// `; did you mean "x"?` for the end of an error message; empty if no candidate is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);
/// `expected one of up, down, found "dwn"; did you mean "down"?`: for a word that is none of `words`.
std::string expected_one_of(std::span<const std::string> words, const std::string& found);

}  // namespace pnn
