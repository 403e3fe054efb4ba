#include "pnn/io/cell_values.hpp"

#include <set>
#include <string>

#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"

namespace pnn::io {

bool is_no_reading(std::string_view text) {
  static const std::set<std::string, std::less<>> words = {
      "",     "nan",  "na",       "n/a",  "#n/a",      "none",     "null",    "inf",
      "+inf", "-inf", "infinity", "-",    "--",        "---",      "?",       "ovld",
      "ovl",  "ol",   "overload", "over", "ovf",       "overflow", "o.l.",    "unf",
      "+nan", "-nan", "#value!",  "err",  "-infinity", "#num!",    "1.#qnan", "1.#inf"};
  return text.size() <= 9 && words.contains(lower_case(text));
}

std::optional<double> number_in(std::string_view text, bool decimal_comma) {
  if (const std::optional<double> plain = read_number(text)) return plain;
  if (text.size() > 60 || text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  std::string changed(text);
  constexpr std::string_view minus = "\xe2\x88\x92";
  if (changed.starts_with(minus)) changed.replace(0, minus.size(), "-");
  if (const std::size_t d = changed.find_first_of("dD"); d != std::string::npos && d > 0) changed[d] = 'e';
  if (decimal_comma) {
    if (changed.find('.') != std::string::npos) return std::nullopt;
    if (const std::size_t comma = changed.find(','); comma != std::string::npos) changed[comma] = '.';
  }
  return read_number(changed);
}

bool overflows(std::string_view text) {
  return text.size() <= 60 && text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         text.find_first_of("eE") != std::string_view::npos;
}

}  // namespace pnn::io
