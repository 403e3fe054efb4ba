// Takes the readings of a table of measured curves row by row, in base units.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pnn/io/column_assignment.hpp"

namespace pnn::io {

/// Counts what was left out, and remembers the first line of it.
struct Count {
  std::size_t number = 0, line = 0;
  void add(std::size_t at_line) {
    if (number++ == 0) line = at_line;
  }
  [[nodiscard]] std::string text(const std::string& what) const {
    return std::to_string(number) + " " + what + (number == 1 ? " was" : "s were") +
           " left out (the first: line " + std::to_string(line) + ")";
  }
};

/// Takes the rows of a table. Its arguments live as long.
class CurveRows {
 public:
  CurveRows(const Table& table, const ColumnSettings& settings, const ColumnAssignment& assignment,
            MeasuredColumns& out);

  void take();

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(table_.path + ": " + what); }
  [[nodiscard]] std::string_view text(Role role, std::size_t row) const;

  /// Each column of a wide table has its own unit, of one kind.
  void take_units_of_elements();
  /// A stated unit overrules that of the header line, which is told.
  void tell_overruled_units();

  [[nodiscard]] std::string name_of(std::size_t row) const;
  [[noreturn]] void refuse_row(std::size_t row, const std::string& what) const;

  void sample(std::size_t row, std::size_t response_column, std::string element);
  /// In the unit of the response; an error in dB is that share of it.
  double sigma(std::size_t row, double response);

  void finish();

  const Table& table_;
  const ColumnSettings& settings_;
  const ColumnAssignment& assignment_;
  MeasuredColumns& out_;
  std::optional<Unit> temperature_unit_, sigma_unit_;
  std::optional<Unit> response_unit_;                   ///< of the column that is being read
  std::optional<Unit> through_unit_;                    ///< of the column that is subtracted from it
  std::vector<std::optional<Unit>> units_of_elements_;  ///< of a wide table
  Count no_control_, no_response_, no_temperature_, no_sigma_;
};

}  // namespace pnn::io
