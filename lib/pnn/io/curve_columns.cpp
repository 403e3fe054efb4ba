#include "pnn/io/curve_columns.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/column_assignment.hpp"
#include "pnn/io/curve_rows.hpp"

namespace pnn::io {
namespace {

/// The roles that are said to be no column, and would be none without saying so.
std::vector<Role> idle_statements(const Table& table, const ColumnSettings& settings,
                                  const ColumnAssignment& assignment) {
  std::vector<Role> idle;
  for (std::size_t k = 0; k < settings.columns.size(); ++k) {
    if (settings.columns[k].second != "-") continue;
    ColumnSettings others = settings;
    others.columns.erase(others.columns.begin() + std::ptrdiff_t(k));
    try {
      if (ColumnAssignment(table, others).same_as(assignment)) idle.push_back(settings.columns[k].first);
    } catch (const InputError&) {  // it settles what would have been refused
    }
  }
  return idle;
}

/// Calls each(role, value) for the parts of "role=value,role=value"; a comma within a value belongs to it.
template <class Each>
void each_part(const std::string& text, const std::string& option, const Each& each) {
  std::vector<std::pair<Role, std::string>> parts;
  std::string unknown;
  for (const std::string& piece : split(text, ',')) {
    const std::size_t equals = piece.find('=');
    const std::string word(trim(std::string_view(piece).substr(0, std::min(equals, piece.size()))));
    const std::optional<Role> role = read_word<Role>(word);
    if (equals != std::string::npos && role) {
      parts.emplace_back(*role, piece.substr(equals + 1));
    } else if (!parts.empty() && equals == std::string::npos) {
      parts.back().second += "," + piece;
    } else {
      throw UsageError(option + ": expected ROLE=NAME with a role among " + join(word_names<Role>(), ", ") +
                       ", found \"" + piece + "\"" + did_you_mean(word, word_names<Role>()));
    }
  }
  for (auto& [role, value] : parts) {
    std::string_view inner = trim(value);
    if (inner.size() >= 2 && inner.front() == '"' && inner.back() == '"')
      inner = inner.substr(1, inner.size() - 2);
    if (inner.empty()) throw UsageError(option + ": " + word_of(role) + "= without a value");
    each(role, std::string(inner));
  }
}

}  // namespace

std::vector<std::pair<Role, std::string>> read_column_names(const std::string& text) {
  std::vector<std::pair<Role, std::string>> out;
  each_part(text, "--columns", [&](Role role, std::string name) { out.emplace_back(role, std::move(name)); });
  return out;
}

std::vector<std::pair<Role, Unit>> read_column_units(const std::string& text) {
  std::vector<std::pair<Role, Unit>> out;
  each_part(text, "--unit", [&](Role role, const std::string& name) {
    const std::optional<Unit> unit = read_unit(name);
    if (!unit || (role != Role::control && role != Role::response && role != Role::sigma &&
                  role != Role::temperature)) {
      throw UsageError(
          "--unit " + word_of(role) + "=" + name +
          ": expected the unit of control, response, sigma or temperature, as A, mA, uA, V, mV, W, "
          "mW, uW, dB, dBm, %, 1, K, degC, or the step of a code, as control=0.00244mA");
    }
    out.emplace_back(role, *unit);
  });
  return out;
}

MeasuredColumns find_curves(const Table& table, const ColumnSettings& settings) {
  ColumnAssignment assignment(table, settings);
  MeasuredColumns out;
  out.control_name = table.header[assignment.at(Role::control)];
  const std::size_t response = assignment.at(Role::response);
  out.response_name = table.header[response == no_column ? assignment.elements().front() : response];
  out.notes = assignment.notes();
  for (const Word<Role>& word : word_table<Role>)
    if (assignment.at(word.value) != no_column) out.roles.push_back(word.value);
  if (response == no_column) out.roles.push_back(Role::response);
  out.idle = idle_statements(table, settings, assignment);
  out.two_ports = assignment.subtracted() != no_column;
  CurveRows(table, settings, assignment, out).take();
  return out;
}

}  // namespace pnn::io
