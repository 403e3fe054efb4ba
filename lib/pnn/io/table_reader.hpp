// Reads one text as a table: records of cells first, then what of them is header, comment and row. Used by
// table.cpp only. The members stand in table_reader.cpp (columns, sides), table_header.cpp and
// table_rows.cpp.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/cell_values.hpp"
#include "pnn/io/table.hpp"
#include "pnn/io/text_records.hpp"

namespace pnn::io {

/// "3 lines were", "1 line was".
std::string counted(std::size_t number, const std::string& what);

class TableReader {
 public:
  /// Arguments and errors as those of parse_table().
  TableReader(std::string text, const std::string& path, Layout layout);
  /// To be called once.
  Table table();

 private:
  using Record = TextRecords::Record;

  [[nodiscard]] bool is_number(std::string_view text) const {
    return number_in(text, table_.decimal_comma_).has_value();
  }

  void count_columns();
  void find_decimal_comma();
  [[nodiscard]] bool stands_in_rows() const;
  void turn();
  void check_header() const;

  // table_header.cpp
  /// Numbers, words and cells without a reading among the columns of numbers of a record.
  struct Signature {
    std::size_t numbers = 0, words = 0;
  };
  [[nodiscard]] std::vector<std::size_t> indices_of_plain() const;
  [[nodiscard]] Signature signature(const Record& record, const std::vector<bool>& of_numbers) const;
  void find_header();
  [[nodiscard]] bool is_line_of_units(const Record& record) const;
  [[nodiscard]] bool looks_like_row(const Record& record) const;
  void find_commented_header(std::size_t first);
  [[nodiscard]] std::size_t names_in(const Record& record) const;
  void take_header(const std::vector<std::size_t>& lines);
  void tell_passed_over(std::size_t before);

  // table_rows.cpp
  [[nodiscard]] bool is_row(const Record& record, const std::set<std::string_view>& names) const;
  [[nodiscard]] bool is_header_again(const Record& record) const;
  [[nodiscard]] bool is_of_words(const Record& record) const;
  void take_rows();
  void drop_index();
  void unfold_pairs();

  Table table_;
  std::string& text_;
  bool turn_, unfold_;
  TextRecords cut_;
  std::vector<Record>& records_;
  std::size_t columns_ = 0, first_row_ = 0, header_line_ = 1;
  std::size_t header_ = ~std::size_t{0};  ///< the record that is the header line, if one is
};

}  // namespace pnn::io
