// Reads tables as spreadsheets, instruments and numerical programs write them: separated by commas,
// semicolons, tabs or blanks, with or without a header line, with quotes, comments and preambles.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/hash.hpp"
#include "pnn/io/text_records.hpp"

namespace pnn::io {

inline constexpr std::size_t largest_table = std::size_t{1} << 30;  ///< bytes

/// Something that a reader decided or left out, in one sentence for the user.
struct Note {
  std::string text;
  bool harmless = false;  ///< whether no measured value can have been lost by it
};

/// A table. Cells are texts in UTF-8 without surrounding blanks; quoted cells keep theirs. Its memory is the
/// text of the file plus eight bytes for each cell, and so is bounded by the size of the file.
class Table {
 public:
  std::string path;                 ///< for messages
  std::string hash;                 ///< content hash of the bytes that were read
  std::vector<std::string> header;  ///< names of the columns, all different
  bool named = true;                ///< whether the names are the file's, or "column 1", "column 2" …
  std::vector<std::size_t> lines;   ///< [row] number of the line in the file, from 1
  std::vector<Note> notes;          ///< what was passed over or taken for something

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
  /// A cell as a reading of an instrument: nothing where it is none, that is an empty cell, a word such as
  /// NaN or OVLD, or an overload code (9.91E37, 199.999E+99: any number of at least 9.99e9). Throws as
  /// numbers() for any other text.
  [[nodiscard]] std::optional<double> reading(std::size_t column, std::size_t row) const;
  /// The same for a value that no instrument read: however large it is, it is a value.
  [[nodiscard]] std::optional<double> value(std::size_t column, std::size_t row) const;
  /// A cell as a finite number, nothing where it is none.
  [[nodiscard]] std::optional<double> number(std::size_t column, std::size_t row) const;
  /// Whether most of a column's cells are numbers or readings that are none, at least one a number.
  [[nodiscard]] bool numeric(std::size_t column) const;
  /// Whether quantities stand in rows: each row begins with its name, and numbers follow.
  [[nodiscard]] bool in_rows() const { return in_rows_; }

 private:
  friend class TableReader;
  [[noreturn]] void refuse_cell(std::size_t column, std::size_t row) const;

  std::string text_;          ///< text of the file; quoted cells are unquoted in place
  std::vector<Place> cells_;  ///< [row][column]
  bool decimal_comma_ = false, in_rows_ = false;
};

/// How a text is read as a table.
enum class Layout {
  columns,   ///< each column is a quantity
  any_side,  ///< a table whose quantities stand in rows is turned
  curves,    ///< the same, and columns in pairs, x and y of one element after the other, become rows
};

/// Reads a table from a file, a pipe or "-"; gzip is unpacked, UTF-16 and Windows-1252 become UTF-8
/// (plain_text.hpp). The separator is what most lines agree on. The header is the last line before the
/// numbers; # in front of it is dropped, and a line of units below it goes into its names, "name (unit)".
/// Lines before it, and lines that begin with #, % or !, are passed over and counted in `notes`; a line below
/// the header whose first cell is a name that begins with # ("#1") is a row, unless other rows have that name
/// without the #. Numbers may have a decimal comma where the separator is not a comma, and D as the sign of
/// their exponent. Pairs of columns (Layout::curves), of which the first of each have one name, become the
/// columns element, that name, and response; elements have the names of the second ones, or are "pair 1" and
/// so on where these have one name too. An empty last column is dropped, and so is a first column without a
/// name that counts rows. Throws InputError with path and line if there is nothing in it, a column name
/// appears twice, is empty or exceeds 1000 bytes, there are more than a million columns, a row has another
/// length, a quote is not closed, the text is binary, or it exceeds 1 GiB.
Table read_table(const std::string& path, Layout layout = Layout::columns);
/// Reads a table from text likewise.
Table parse_table(std::string text, const std::string& path, Layout layout = Layout::columns);

/// A text as a cell of a table: quoted if it contains a separator, a quote or a line end.
std::string csv_cell(const std::string& text);

}  // namespace pnn::io
