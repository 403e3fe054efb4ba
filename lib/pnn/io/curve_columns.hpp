// Finds the columns of a table of measured curves: which is the control, which the response, in which unit,
// and of which element.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/unit.hpp"
#include "pnn/core/words.hpp"
#include "pnn/io/table.hpp"
#include "pnn/model/import.hpp"

namespace pnn::io {

/// What a column of such a table can be.
enum class Role { element, control, response, sigma, temperature, device, direction, layer, tile, row, col };
constexpr auto words_of(Role) {
  using enum Role;
  return std::to_array<Word<Role>>({{element, "element", "name of the element"},
                                    {control, "control", "what was set"},
                                    {response, "response", "what was read"},
                                    {sigma, "sigma", "standard error of the response"},
                                    {temperature, "temperature", "of the chip, of a sweep or of every point"},
                                    {device, "device", "the chip, where several were measured"},
                                    {direction, "direction", "up or down"},
                                    {layer, "layer", "layer or chip of the network"},
                                    {tile, "tile", "place of the element on its chip, as are row and col"},
                                    {row, "row"},
                                    {col, "col"}});
}

/// Columns and units as a user states them.
struct ColumnSettings {
  /// Role and name of the column, as in the header with or without its unit, or its number from 1; "-" for
  /// none.
  std::vector<std::pair<Role, std::string>> columns;
  std::vector<std::pair<Role, Unit>> units;  ///< of control, response, sigma and temperature
  /// Name of the only element of a table without a column of elements; empty: none was given.
  std::string element;
};
/// Reads `control="I (mA)",response="P (dBm)"` (the quotes are those of a shell, or kept). Throws UsageError.
std::vector<std::pair<Role, std::string>> read_column_names(const std::string& text);
/// Reads `control=mA,response=dBm`; the unit of a code is its step (`control=0.00244mA`). Throws UsageError.
std::vector<std::pair<Role, Unit>> read_column_units(const std::string& text);

/// The readings of one table. Values are in the base units of core/unit, where a unit is known, else as they
/// stand.
struct MeasuredColumns {
  model::CurveTable table;
  std::optional<Unit> control_unit, response_unit;  ///< nothing if neither the table nor the user says it
  std::string control_name, response_name;          ///< names of the columns, for messages
  std::vector<Role> roles;                          ///< that columns have
  bool two_ports = false;   ///< whether the response is the difference of two columns, drop less through
  std::vector<Role> idle;   ///< said to be no column ("-"), where none would be it
  std::vector<Note> notes;  ///< what was left out, passed over or assumed
};

/// Columns are known by name in any letter case, among synonyms (current, voltage, heater power …; weight,
/// transmission, photocurrent …), with a unit in brackets, behind a slash or behind an underscore; a name
/// that is nearly one of them is used, and said in a note, and a column in degC or K is the temperature.
/// Without a response, columns of a drop and of a through port are read as their difference, drop less
/// through, in a note; else every other column of numbers is the response of an element of that name; without
/// an element, all rows are of one. Columns tile, row and col name an element "tile 1 row 2 col 3", and a
/// layer stands before its name. Rows without a reading of control, response or temperature are left out and
/// counted, and so are columns that are not used. Throws InputError for columns that are missing, could be
/// several or have units that are not known, naming them.
MeasuredColumns find_curves(const Table& table, const ColumnSettings& settings);

}  // namespace pnn::io
