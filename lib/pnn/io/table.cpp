#include "pnn/io/table.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/cell_values.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/table_reader.hpp"

namespace pnn::io {

bool Table::has(std::string_view name) const {
  return std::find(header.begin(), header.end(), name) != header.end();
}

std::size_t Table::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) {
    constexpr std::size_t most_told = 20;
    const auto told = std::span(header).first(std::min(header.size(), most_told));
    throw InputError(path + ": no column \"" + std::string(name) + "\"" + did_you_mean(name, header) +
                     " (columns: " + join(told, ", ") + (told.size() < header.size() ? ", …" : "") + ")");
  }
  return static_cast<std::size_t>(found - header.begin());
}

std::vector<std::string> Table::texts(std::string_view name) const {
  const std::size_t number = column(name);
  std::vector<std::string> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) values.emplace_back(cell(number, row));
  return values;
}

void Table::refuse_cell(std::size_t column, std::size_t row) const {
  throw InputError(path + ":" + std::to_string(lines[row]) + ": column \"" + header[column] +
                   "\": expected a number, found \"" + std::string(cell(column, row).substr(0, 40)) + "\"");
}

std::vector<double> Table::numbers(std::size_t column) const {
  std::vector<double> values;
  values.reserve(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    if (row % TextRecords::look_every == 0) stop_if_asked();
    const std::optional<double> value = number_in(cell(column, row), decimal_comma_);
    if (!value) refuse_cell(column, row);
    values.push_back(*value);
  }
  return values;
}

std::optional<double> Table::reading(std::size_t column, std::size_t row) const {
  constexpr double overload = 9.99e9;
  const std::string_view text = cell(column, row);
  if (is_no_reading(text)) return std::nullopt;
  const std::optional<double> value = number_in(text, decimal_comma_);
  if (!value && !overflows(text)) refuse_cell(column, row);
  if (!value || std::abs(*value) >= overload) return std::nullopt;
  return value;
}

std::optional<double> Table::number(std::size_t column, std::size_t row) const {
  return number_in(cell(column, row), decimal_comma_);
}

std::optional<double> Table::value(std::size_t column, std::size_t row) const {
  const std::string_view text = cell(column, row);
  if (is_no_reading(text)) return std::nullopt;
  const std::optional<double> value = number_in(text, decimal_comma_);
  if (!value) refuse_cell(column, row);
  return value;
}

bool Table::numeric(std::size_t column) const {
  std::size_t numbers = 0, others = 0;
  for (std::size_t row = 0; row < std::min(rows(), TextRecords::sampled); ++row) {
    const std::string_view text = cell(column, row);
    if (number_in(text, decimal_comma_) || overflows(text)) {
      ++numbers;
    } else if (!is_no_reading(text)) {
      ++others;
    }
  }
  return numbers > 0 && numbers >= others;
}

Table parse_table(std::string text, const std::string& path, Layout layout) {
  return TableReader(std::move(text), path, layout).table();
}

Table read_table(const std::string& path, Layout layout) {
  return parse_table(read_bytes(path, largest_table), path == "-" ? "standard input" : path, layout);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",;\t\"\n\r#%!") == std::string::npos && trim(text).size() == text.size())
    return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? "\"\"" : std::string(1, c));
  return quoted + "\"";
}

}  // namespace pnn::io
