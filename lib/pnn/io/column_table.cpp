#include "pnn/io/column_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/table.hpp"

namespace pnn::io {

std::string Column::cell(std::size_t row) const {
  if (kind == Kind::text) return texts[row];
  const double value = numbers[row];
  if (std::isnan(value)) return {};
  if (kind != Kind::real32) return format_number(value);
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, float(value)).ptr};
}

std::string Column::title() const {
  return unit.empty() || unit == "1" ? name : name + " (" + unit + ")";
}

void Column::resize(std::size_t rows) {
  if (kind == Kind::text) {
    texts.resize(rows);
  } else {
    numbers.resize(rows, std::numeric_limits<double>::quiet_NaN());
  }
}

Column& ColumnTable::add(std::string name, Column::Kind kind, std::string unit) {
  Column& column = columns.emplace_back();
  column.name = std::move(name);
  column.kind = kind;
  column.unit = std::move(unit);
  return column;
}

Column* ColumnTable::find(std::string_view name) {
  const auto at =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

namespace {

/// Makes a column one of texts.
void make_text(Column& column) {
  if (column.kind == Column::Kind::text) return;
  for (std::size_t row = 0; row < column.numbers.size(); ++row) column.texts.push_back(column.cell(row));
  column.numbers.clear();
  column.kind = Column::Kind::text;
}

}  // namespace

void ColumnTable::append(const ColumnTable& below) {
  const std::size_t before = rows(), after = before + below.rows();
  for (Column from : below.columns) {
    Column* to = find(from.name);
    if (to == nullptr) {
      to = &add(from.name, from.kind, from.unit);
      to->resize(before);
    }
    const std::string units = from.name + " unit";
    if (to->unit != from.unit && find(units) == nullptr) {
      add(units, Column::Kind::text).texts.assign(before, to->unit);
      to = find(from.name);  // the columns may have moved
      to->unit.clear();
    }
    if (Column* said = find(units)) said->texts.resize(after, from.unit);
    if (to->kind != from.kind && (to->kind == Column::Kind::text || from.kind == Column::Kind::text)) {
      make_text(*to), make_text(from);
    } else if (to->kind != from.kind) {
      to->kind = Column::Kind::real64;
    }
    to->texts.insert(to->texts.end(), from.texts.begin(), from.texts.end());
    to->numbers.insert(to->numbers.end(), from.numbers.begin(), from.numbers.end());
  }
  for (Column& column : columns) column.resize(after);
}

std::string csv_of(const ColumnTable& table) {
  std::string text;
  for (std::size_t k = 0; k < table.columns.size(); ++k)
    text += (k > 0 ? "," : "") + csv_cell(table.columns[k].title());
  text += "\n";
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t k = 0; k < table.columns.size(); ++k) {
      if (k > 0) text += ',';
      text += csv_cell(table.columns[k].cell(row));
    }
    text += '\n';
  }
  return text;
}

std::string json_of(const ColumnTable& table) {
  std::string text = "[";
  for (std::size_t row = 0; row < table.rows(); ++row) {
    text += row > 0 ? ",\n {" : "\n {";
    bool first = true;
    for (const Column& column : table.columns) {
      const std::string cell = column.cell(row);
      const bool is_text = column.kind == Column::Kind::text;
      if (is_text ? cell.empty() : !std::isfinite(column.numbers[row])) continue;
      const auto quoted = [](const std::string& what) {
        return nlohmann::json(what).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      };
      text += (first ? "" : ", ") + quoted(column.title()) + ": " + (is_text ? quoted(cell) : cell);
      first = false;
    }
    text += "}";
  }
  return text + "\n]\n";
}

}  // namespace pnn::io
