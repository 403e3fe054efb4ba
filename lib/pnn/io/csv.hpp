// Tables as text: RFC 4180 with a header line, commas (or semicolons or tabs), quotes, comment lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/hash.hpp"

namespace pnn::io {

/// A table, column by column. Cells are text without surrounding blanks (quoted cells keep theirs).
struct Csv {
  std::string path;                               ///< for messages
  std::vector<std::string> header;                ///< names of the columns, distinct
  std::vector<std::vector<std::string>> columns;  ///< [column][row]
  std::vector<std::size_t> lines;                 ///< [row] line of the file, from 1

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
  [[nodiscard]] bool has(std::string_view name) const;
  /// Number of a column; throws InputError naming the nearest one and all that there are.
  [[nodiscard]] std::size_t column(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view name) const {
    return columns[column(name)];
  }
  /// A column as finite numbers; throws InputError "path:line: column \"x\": expected a number, found \"…\"".
  [[nodiscard]] std::vector<double> numbers(std::string_view name) const { return numbers(column(name)); }
  [[nodiscard]] std::vector<double> numbers(std::size_t column) const;
};

/// Reads a table from a file, a pipe or "-". The separator is the first of tab, semicolon and comma that the
/// header line holds; empty lines and lines that begin with # are skipped; a byte-order mark is. Throws
/// InputError with path and line: no header, a column name twice or empty, a row of another length, an open
/// quote, a NUL byte (no text), more than 1 GiB.
Csv read_csv(const std::string& path);
/// The same from text.
Csv parse_csv(std::string_view text, const std::string& path);

/// A cell as a table needs it: quoted if it holds a separator, a quote or a line end.
std::string csv_cell(const std::string& text);

}  // namespace pnn::io
