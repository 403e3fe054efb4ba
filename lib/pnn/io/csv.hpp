// Tables as text: RFC 4180 with a header line, commas (or semicolons or tabs), quotes, comment lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/hash.hpp"

namespace pnn::io {

/// A table. Cells are text without surrounding blanks (quoted cells keep theirs). It keeps the text of the
/// file and eight bytes a cell, so that its memory is bounded by what the file holds.
class Csv {
 public:
  std::string path;                 ///< for messages
  std::string hash;                 ///< content hash of the bytes that were read
  std::vector<std::string> header;  ///< names of the columns, distinct
  std::vector<std::size_t> lines;   ///< [row] line of the file, from 1

  [[nodiscard]] std::size_t rows() const { return lines.size(); }
  [[nodiscard]] bool has(std::string_view name) const;
  /// Number of a column; throws InputError naming the nearest one and what there is.
  [[nodiscard]] std::size_t column(std::string_view name) const;
  /// Valid for as long as the table is.
  [[nodiscard]] std::string_view cell(std::size_t column, std::size_t row) const {
    const Place& place = cells_[row * header.size() + column];
    return std::string_view(text_).substr(place.begin, place.size);
  }
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  /// A column as finite numbers; throws InputError "path:line: column \"x\": expected a number, found \"…\"".
  [[nodiscard]] std::vector<double> numbers(std::string_view name) const { return numbers(column(name)); }
  [[nodiscard]] std::vector<double> numbers(std::size_t column) const;

 private:
  friend Csv parse_csv(std::string text, const std::string& path);
  /// Where a cell stands in the text, whose size 32 bits hold.
  struct Place {
    std::uint32_t begin = 0, size = 0;
  };
  class Scanner;

  std::string text_;          ///< of the file; quoted cells are unpacked in their places
  std::vector<Place> cells_;  ///< [row][column]
};

/// Reads a table from a file, a pipe or "-". The separator is the first of tab, semicolon and comma that the
/// header line holds; empty lines and lines that begin with # are skipped; a byte-order mark is. Throws
/// InputError with path and line: no header, a column name twice, empty or of more than 1000 bytes, more than
/// a million columns, a row of another length, an open quote, a NUL byte (no text), more than 1 GiB.
Csv read_csv(const std::string& path);
/// The same from text.
Csv parse_csv(std::string text, const std::string& path);

/// A cell as a table needs it: quoted if it holds a separator, a quote or a line end.
std::string csv_cell(const std::string& text);

}  // namespace pnn::io
