// Reads tables in CSV (RFC 4180) with a header line, separated by commas, semicolons or tabs, with quotes and
// comments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/hash.hpp"

namespace pnn::io {

/// A table. Cells are texts without surrounding blanks; quoted cells keep theirs. Its memory is the text of
/// the file plus eight bytes for each cell, and so is bounded by the size of the file.
class Csv {
 public:
  std::string path;                 ///< for messages
  std::string hash;                 ///< content hash of the bytes that were read
  std::vector<std::string> header;  ///< names of the columns, all different
  std::vector<std::size_t> lines;   ///< [row] number of the line in the file, from 1

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
  [[nodiscard]] bool has(std::string_view name) const;
  /// Number of the column with this name. Throws InputError, naming the nearest name and all columns, if
  /// there is none.
  [[nodiscard]] std::size_t column(std::string_view name) const;
  /// The text of a cell, valid as long as the table.
  [[nodiscard]] std::string_view cell(std::size_t column, std::size_t row) const {
    const Place& place = cells_[row * header.size() + column];
    return std::string_view(text_).substr(place.begin, place.size);
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  /// A column as finite numbers. Throws InputError "path:line: column \"x\": expected a number, found \"…\"".
  [[nodiscard]] std::vector<double> numbers(std::string_view name) const { return numbers(column(name)); }
  [[nodiscard]] std::vector<double> numbers(std::size_t column) const;

 private:
  friend Csv parse_csv(std::string text, const std::string& path);
  /// The position of a cell in the text, which is shorter than 2^32 bytes.
  struct Place {
    std::uint32_t begin = 0, size = 0;
  };
  class Scanner;

  std::string text_;          ///< text of the file; quoted cells are unquoted in place
  std::vector<Place> cells_;  ///< [row][column]
};

/// Reads a table from a file, a pipe or "-". The separator is the first of tab, semicolon and comma that the
/// header line contains. Empty lines, lines that begin with # and a byte-order mark are skipped. Throws
/// InputError with path and line if there is no header, a column name appears twice, is empty or exceeds 1000
/// bytes, there are more than a million columns, a row has another length, a quote is not closed, there is a
/// NUL byte, or the text exceeds 1 GiB.
Csv read_csv(const std::string& path);
/// Reads a table from text likewise.
Csv parse_csv(std::string text, const std::string& path);

/// A text as a cell of a table: quoted if it contains a separator, a quote or a line end.
std::string csv_cell(const std::string& text);

}  // namespace pnn::io
