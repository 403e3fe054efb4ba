#include "pnn/io/feature_columns.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"

namespace pnn::io {
namespace {

/// Fewer rows tell nothing about what their numbers are.
constexpr std::size_t fewest_rows = 10;

/// Marks the columns of one text without commas; whether there are any.
bool mark(const Table& table, const std::string& text, std::vector<bool>& marked) {
  const auto find = [&](std::string_view name) {
    return std::find(table.header.begin(), table.header.end(), trim(name)) - table.header.begin();
  };
  const auto columns = std::ptrdiff_t(table.header.size());
  if (const auto exact = find(text); exact < columns) return marked[std::size_t(exact)] = true;
  for (std::size_t colon = text.find(':'); colon != std::string::npos; colon = text.find(':', colon + 1)) {
    const auto first = find(std::string_view(text).substr(0, colon)),
               last = find(std::string_view(text).substr(colon + 1));
    if (first >= columns || last >= columns || first > last) continue;
    std::fill(marked.begin() + first, marked.begin() + last + 1, true);
    return true;
  }
  if (text.find_first_of("*?") == std::string::npos) return false;
  bool any = false;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    if (fnmatch(std::string(trim(text)).c_str(), table.header[column].c_str(), 0) != 0) continue;
    marked[column] = any = true;
  }
  return any;
}

std::vector<bool> marked_by(const Table& table, const std::vector<std::string>& texts, const char* option) {
  std::vector<bool> marked(table.header.size());
  for (const std::string& text : texts) {
    if (mark(table, text, marked)) continue;
    for (const std::string& part : split(text, ',')) {
      if (mark(table, part, marked)) continue;
      constexpr std::size_t most_told = 20;
      const auto told = std::span(table.header).first(std::min(table.header.size(), most_told));
      throw InputError(table.path + ": --" + option + " " + part + ": no such column" +
                       did_you_mean(part, table.header) + " (columns: " + join(told, ", ") +
                       (told.size() < table.header.size() ? ", …" : "") + ")");
    }
  }
  return marked;
}

/// The numbers of a column, or nothing if a cell is none.
std::optional<std::vector<double>> all_numbers(const Table& table, std::size_t column) {
  std::vector<double> numbers;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::optional<double> number = table.number(column, row);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

bool is_name_of_number(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) plain += lower_case(c);
  static const std::set<std::string, std::less<>> names = {
      "id",    "index",  "idx",          "no",       "nr",       "num",         "number",   "row",
      "rowid", "sample", "sampleid",     "sampleno", "unnamed0", "rownumber",   "rownames", "sampleindex",
      "key",   "uid",    "samplenumber", "rowname",  "obs",      "observation", "serialno", "sno"};
  return names.contains(plain) || name.ends_with("_id") || name.ends_with("ID") || name.ends_with("Id");
}

/// The target whose numbers the column holds, or nothing.
std::string target_in(const Table& table, std::size_t column, const Learned& learned) {
  if (!learned.targets || table.rows() < fewest_rows) return {};
  for (const std::size_t target : learned.columns) {
    bool same = true;
    for (std::size_t row = 0; row < table.rows() && same; ++row) {
      const std::optional<double> number = table.number(column, row);
      same = number && number == table.number(target, row);
    }
    if (same) return "holds the numbers of the target \"" + table.header[target] + "\"";
  }
  return {};
}

/// What a column of numbers is that is no feature: a sentence without the name, or nothing.
std::string what_else(const Table& table, std::size_t column, const Learned& learned) {
  if (table.rows() < fewest_rows) return {};
  const std::size_t label = learned.columns.front();
  // most columns are told from their first rows
  constexpr std::size_t looked_at = 64;
  std::set<double> first;
  std::map<std::string_view, double> of_class;
  bool one_each = true, whole = true, all_different = true;
  for (std::size_t row = 0; row < std::min(table.rows(), looked_at); ++row) {
    const std::optional<double> number = table.number(column, row);
    if (!number) return {};
    const auto [at, fresh] = of_class.emplace(table.cell(label, row), *number);
    one_each = one_each && (fresh || at->second == *number);
    whole = whole && *number == std::floor(*number);
    all_different = first.insert(*number).second && all_different;
  }
  one_each = one_each && !learned.targets;
  if (!one_each && !(whole && all_different)) return {};
  const std::optional<std::vector<double>> numbers = all_numbers(table, column);
  if (!numbers) return {};
  std::vector<double> sorted = *numbers;
  std::sort(sorted.begin(), sorted.end());
  const bool different = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  if (whole && different &&
      std::all_of(sorted.begin(), sorted.end(), [](double v) { return v == std::floor(v); })) {
    const bool rises = std::is_sorted(numbers->begin(), numbers->end());
    const bool falls = std::is_sorted(numbers->rbegin(), numbers->rend());
    const bool counts = sorted.back() - sorted.front() == double(sorted.size() - 1);
    if (rises || falls || counts || is_name_of_number(table.header[column]))
      return "numbers the samples, a whole number for each";
  }
  if (learned.targets) return {};
  of_class.clear();
  std::map<double, std::string_view> class_of;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double number = (*numbers)[row];
    const std::string_view name = table.cell(label, row);
    if (of_class.emplace(name, number).first->second != number ||
        class_of.emplace(number, name).first->second != name)
      return {};
  }
  if (of_class.size() == table.rows()) return {};  // a target, not classes
  return of_class.size() > 1 ? "is the label in other words, a number for each class" : "";
}

}  // namespace

std::vector<std::size_t> columns_of(const Table& table, const std::vector<std::string>& texts,
                                    const char* option) {
  const std::vector<bool> marked = marked_by(table, texts, option);
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < marked.size(); ++column)
    if (marked[column]) columns.push_back(column);
  return columns;
}

std::vector<std::size_t> feature_columns(const Table& table, const Learned& learned,
                                         const ColumnChoice& choice) {
  const std::vector<bool> wanted = marked_by(table, choice.features, "features"),
                          ignored = marked_by(table, choice.ignore, "ignore");
  for (const std::size_t column : learned.columns) {
    const std::string& name = table.header[column];
    if (std::find(choice.features.begin(), choice.features.end(), name) != choice.features.end())
      throw InputError(table.path + ": --features " + name + ": this is the column of the " +
                       (learned.targets ? "targets" : "labels"));
  }
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    const bool taken =
        std::find(learned.columns.begin(), learned.columns.end(), column) != learned.columns.end();
    if (taken || ignored[column] || (!choice.features.empty() && !wanted[column])) continue;
    columns.push_back(column);
    if (!choice.features.empty()) continue;
    const std::string& name = table.header[column];
    std::string what = what_else(table, column, learned);
    if (what.empty()) what = target_in(table, column, learned);
    if (!what.empty())
      throw InputError(table.path + ": the column \"" + name + "\" " + what +
                       ", and is no feature; leave it out with --ignore '" + name +
                       "', or keep it with --features, of which '*' is all columns");
  }
  if (columns.empty())
    throw InputError(table.path + ": expected columns beside the label column \"" +
                     table.header[learned.columns.front()] + "\" that are features, found none");
  return columns;
}

}  // namespace pnn::io
