// Cuts the text of a table into records of cells: which separator, and where a cell, a quote and a comment
// end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/core/text.hpp"

namespace pnn::io {

/// The position of a cell in a text, which is shorter than 2^32 bytes.
struct Place {
  std::uint32_t begin = 0, size = 0;
};

/// Hands out the cells of one line, with quotes but without line ends in them.
template <class Take>
void cells_of_line(std::string_view line, char separator, const Take& take) {
  std::size_t at = 0;
  const auto end_of_cell = [&] {
    bool in_quotes = false;
    std::size_t k = at;
    for (; k < line.size(); ++k) {
      if (line[k] == '"') in_quotes = !in_quotes;
      if (in_quotes) continue;
      if (line[k] == separator || (separator == ' ' && line[k] == '\t')) break;
    }
    return k;
  };
  for (;;) {
    if (separator == ' ') {
      at = line.find_first_not_of(" \t", at);
      if (at == std::string_view::npos) return;
    }
    const std::size_t end = end_of_cell();
    take(trim(line.substr(at, end - at)));
    if (end >= line.size()) return;
    at = end + 1;
  }
}

/// The signs that begin a comment.
inline constexpr std::string_view comment_signs = "#%!";

/// The records of a text, in order; empty lines are none.
class TextRecords {
 public:
  static constexpr std::size_t most_cells = 1'000'000;  ///< that are kept of a record
  static constexpr std::size_t sampled = 1000;          ///< from which header and columns of numbers are told
  static constexpr std::size_t look_every = 4096;  ///< records, or rows, between two looks at whether to stop
  struct Record {
    std::size_t begin = 0, count = 0, line = 0;  ///< count may exceed the number of cells that are kept
    bool comment = false;                        ///< whether it begins with a comment sign
  };

  /// Finds the separator on which most lines agree, and cuts. `text` stays where it is as long as this;
  /// quoted cells are unquoted in place. Throws InputError with `path` and the line where a quote is not
  /// closed, or something stands between a quoted cell and the next separator.
  TextRecords(std::string& text, std::string path);

  [[nodiscard]] char separator() const { return separator_; }
  [[nodiscard]] std::string_view cell(const Record& record, std::size_t column) const;
  /// Of the cells that are kept of a record.
  [[nodiscard]] std::span<const Place> places(const Record& record) const {
    return std::span(cells_).subspan(record.begin, kept(record));
  }
  [[nodiscard]] static std::size_t kept(const Record& record) { return std::min(record.count, most_cells); }
  /// Where the line that holds this position ends.
  [[nodiscard]] std::size_t line_end(std::size_t from) const;
  /// Throws InputError "path:line: what".
  [[noreturn]] void fail(std::size_t line, const std::string& what) const;
  /// Frees what only places() and cell() need.
  void forget_cells();

  std::vector<Record> records;

 private:
  void scan();
  void add(Place place);
  void record();
  [[nodiscard]] std::size_t cell_end() const;
  Place next_cell();
  Place quoted();
  [[nodiscard]] Place place_of(std::string_view cell) const;

  std::string& text_;
  std::string path_;
  char separator_;
  std::vector<Place> cells_;  ///< of all records, one after the other
  std::size_t position_ = 0, line_ = 1;
};

}  // namespace pnn::io
