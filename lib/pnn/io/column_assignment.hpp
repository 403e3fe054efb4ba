// Which column of a table of measured curves has which role.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/io/column_names.hpp"
#include "pnn/io/curve_columns.hpp"

namespace pnn::io {

inline constexpr std::size_t no_column = ~std::size_t{0};

std::string in_quotes(const std::string& text);

/// Decides it by what the user states, then by names, units and, at last, by names that are nearly right.
class ColumnAssignment {
 public:
  ColumnAssignment(const Table& table, const ColumnSettings& settings);

  [[nodiscard]] std::size_t at(Role role) const { return at_[std::size_t(role)]; }
  /// The column of the through port, which is subtracted from the response; none if that stands in one
  /// column.
  [[nodiscard]] std::size_t subtracted() const { return subtracted_; }
  /// Whether the same columns have the same roles.
  [[nodiscard]] bool same_as(const ColumnAssignment& other) const;
  [[nodiscard]] const Named& named(std::size_t column) const { return named_[column]; }
  /// Columns that are elements each, in a wide table; else empty.
  [[nodiscard]] const std::vector<std::size_t>& elements() const { return elements_; }
  [[nodiscard]] std::vector<Note> notes();

 private:
  [[nodiscard]] bool stated(Role role) const;
  [[nodiscard]] bool used(std::size_t column) const;
  void put(Role role, std::size_t column) { at_[std::size_t(role)] = column; }
  void release(Role role);
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(table_.path + ": " + what); }

  void state(Role role, const std::string& name);

  /// Columns without names: a control and a response, with the element before them where there are three.
  void assume_places();

  void find(Role role);

  /// A column whose name would have a role, but for words in brackets that are no unit, is stated or refused.
  void refuse_strange_units(const ColumnSettings& settings) const;

  /// Where both ports of an element were read, the response is their difference.
  void find_ports();

  /// A power is that of the heater or that of the light, whichever nothing else is.
  void find_power();
  /// Columns of numbers that are nothing else.
  [[nodiscard]] std::size_t others(std::size_t but) const;

  /// A misspelt name, where no other column has the role and the name is nobody else's.
  void find_near(Role role);

  /// Where no column is the response, the columns that are nothing else are elements.
  void find_elements();
  [[noreturn]] void refuse_missing(Role role) const;

  const Table& table_;
  std::vector<Named> named_;
  std::array<std::size_t, word_table<Role>.size()> at_{};
  std::vector<Role> stated_;
  std::vector<std::size_t> elements_;
  std::size_t subtracted_ = no_column;
  std::vector<Note> notes_;
};

}  // namespace pnn::io
