// Writes tables whose columns have names, units and types, for people and programs: CSV, JSON, NumPy, MATLAB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pnn::io {

/// A column. A number that is not there is NaN, a text that is not there is empty.
struct Column {
  enum class Kind { text, whole, real32, real64 };
  std::string name;
  Kind kind = Kind::text;
  std::string unit;                ///< empty or "1": none
  std::vector<std::string> texts;  ///< of a column of texts
  std::vector<double> numbers;     ///< of any other column

  [[nodiscard]] std::size_t rows() const { return kind == Kind::text ? texts.size() : numbers.size(); }
  /// The shortest decimals that read back as the number, of a float where the column is of floats; empty
  /// where there is none.
  [[nodiscard]] std::string cell(std::size_t row) const;
  /// "drift (K)"
  [[nodiscard]] std::string title() const;
  void resize(std::size_t rows);
};

/// Columns of equal length.
struct ColumnTable {
  std::vector<Column> columns;

  [[nodiscard]] std::size_t rows() const { return columns.empty() ? 0 : columns.front().rows(); }
  Column& add(std::string name, Column::Kind kind, std::string unit = {});
  [[nodiscard]] Column* find(std::string_view name);
  /// Puts another table below this one. A column that one of them lacks is empty there; where units differ
  /// they are in a column "NAME unit".
  void append(const ColumnTable& below);
};

/// A header line with the units in brackets, then a line a row.
std::string csv_of(const ColumnTable& table);
/// An array of an object a row, its members called as the columns in CSV, without those that are not there.
std::string json_of(const ColumnTable& table);
/// An archive as numpy.savez writes it: an array a column, under its title. Texts are <U, whole numbers <i8
/// (<f8 where some are not there), others <f4 or <f8. Throws RunError beyond 4 GiB.
std::string npz_of(const ColumnTable& table);
/// A file of MATLAB (version 5, by libmatio): a variable [rows, 1] a column, of double or of cells of texts.
/// Its name is the title in letters, digits and underscores, "drift_K". Throws RunError.
std::string matlab_of(const ColumnTable& table);

}  // namespace pnn::io
