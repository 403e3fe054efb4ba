#include "pnn/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"

namespace pnn {
namespace {

constexpr std::size_t max_range_values = 100'000;

std::string_view without_plus(std::string_view text) {
  text = trim(text);
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+';
  return plus ? text.substr(1) : text;
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

/// Twelve significant digits: what a person typed survives, the rounding of start + k * step does not.
double decimal(double value) {
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 12).ptr;
  double rounded = value;
  std::from_chars(buffer.data(), end, rounded);
  return rounded;
}

/// Optimal string alignment distance: insert, delete, replace, or swap two neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

std::string initials(std::string_view word) {
  std::string letters;
  bool start = true;
  for (char c : word) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (start && !separator) letters += c;
    start = separator;
  }
  return letters;
}

std::vector<double> stepped_range(const std::vector<std::string>& parts, std::string_view text,
                                  const std::string& where) {
  const double start = parse_number(parts[0], where), stop = parse_number(parts[1], where);
  const double step = parse_number(parts[2], where);
  const double steps = step == 0 ? -1 : (stop - start) / step;
  if (!(steps >= 0)) {
    throw UsageError(where + ": expected a step that leads from start to stop, found " + in_quotes(text));
  }
  constexpr double slack = 1e-6;
  if (!(steps + slack < static_cast<double>(max_range_values)))
    throw UsageError(where + ": expected at most 100000 values, found more in " + in_quotes(text));
  const auto count = static_cast<std::size_t>(std::floor(steps + slack)) + 1;
  std::vector<double> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    const double value = start + static_cast<double>(k) * step;
    // a value near zero is only rounding error
    values[k] = std::abs(value) < 1e-9 * std::abs(step) ? 0.0 : decimal(value);
  }
  values.front() = start;
  if (std::abs(steps - static_cast<double>(count - 1)) <= slack) values.back() = stop;
  return values;
}

}  // namespace

std::string format_number(double value) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

std::string format_short(double value, int digits) {
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::general, std::clamp(digits, 1, 17));
  return {buffer.data(), result.ptr};
}

std::optional<double> read_number(std::string_view text) {
  text = without_plus(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

double parse_number(std::string_view text, std::string_view where) {
  const std::optional<double> value = read_number(text);
  if (!value) throw UsageError(std::string(where) + ": expected a finite number, found " + in_quotes(text));
  return *value;
}

std::int64_t parse_integer(std::string_view text, std::string_view where) {
  const std::string_view digits = without_plus(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size())
    throw UsageError(std::string(where) + ": expected an integer, found " + in_quotes(text));
  return value;
}

std::vector<double> parse_range(std::string_view text, std::string_view where) {
  const std::string name(where);
  if (text.find(':') != std::string_view::npos) {
    const std::vector<std::string> parts = split(text, ':');
    if (parts.size() != 3)
      throw UsageError(name + ": expected start:stop:step or a comma list, found " + in_quotes(text));
    return stepped_range(parts, text, name);
  }
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() > max_range_values)
    throw UsageError(name + ": expected at most 100000 values, found " + std::to_string(parts.size()));
  std::vector<double> values;
  values.reserve(parts.size());
  for (const std::string& part : parts) values.push_back(parse_number(part, name));
  return values;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find(separator, begin)) != std::string_view::npos; begin = end + 1)
    parts.emplace_back(text.substr(begin, end - begin));
  parts.emplace_back(text.substr(begin));
  return parts;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (k > 0) text += separator;
    text += parts[k];
  }
  return text;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string nearest_word(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t longest =
      256;  // words in a file may have megabytes, and the cost is the product of both lengths
  if (word.size() > longest) return {};
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::string nearest;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + limit) continue;
    const std::size_t distance = edit_distance(word, candidate);
    // a distance of the whole word would replace every letter of it
    if (distance < best && distance <= limit && distance < word.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  if (!nearest.empty() || word.size() < 2) return nearest;
  for (const std::string& candidate : candidates)
    if (candidate.starts_with(word)) return candidate;
  const std::string letters = initials(word);
  for (const std::string& candidate : candidates)
    if (letters.size() > 1 && candidate == letters) return candidate;
  return {};
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string nearest = nearest_word(word, candidates);
  return nearest.empty() ? std::string() : "; did you mean " + in_quotes(nearest) + "?";
}

std::string expected_one_of(std::span<const std::string> words, const std::string& found) {
  return "expected one of " + join(words, ", ") + ", found \"" + found + "\"" + did_you_mean(found, words);
}

}  // namespace pnn
