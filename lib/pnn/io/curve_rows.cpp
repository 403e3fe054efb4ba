#include "pnn/io/curve_rows.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"

namespace pnn::io {
namespace {

/// +1 or −1; nothing for other texts.
std::optional<int> direction_in(std::string_view text) {
  static const std::map<std::string, int, std::less<>> words = {
      {"up", 1},       {"forward", 1}, {"fwd", 1},      {"forth", 1}, {"rise", 1},  {"rising", 1},
      {"trace", 1},    {"1", 1},       {"+1", 1},       {"1.0", 1},   {"down", -1}, {"backward", -1},
      {"bwd", -1},     {"back", -1},   {"reverse", -1}, {"rev", -1},  {"fall", -1}, {"falling", -1},
      {"retrace", -1}, {"-1", -1},     {"-1.0", -1}};
  const auto found = words.find(plain(text).empty() ? std::string(text) : plain(text));
  const auto as_is = words.find(text);
  if (as_is != words.end()) return as_is->second;
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

/// The unit that is stated, or else that of the header. Throws InputError where a header has another in
/// brackets.
std::optional<Unit> unit_of(Role role, const Table& table, const ColumnAssignment& assignment,
                            const ColumnSettings& settings) {
  const std::size_t column = assignment.at(role);
  const std::optional<Unit> own = column == no_column ? std::nullopt : assignment.named(column).unit;
  for (const auto& [stated, unit] : settings.units) {
    if (stated != role) continue;
    if (own && own->name != unit.name && own->dimension != Dimension::code &&
        table.header[column].find_first_of("([") != std::string::npos)
      throw InputError(table.path + ": --unit " + word_of(role) + "=" + unit.name + ", but the column \"" +
                       table.header[column] + "\" is in " + own->name +
                       "; leave out --unit, or correct the header if it is wrong");
    return unit;
  }
  return own;
}

}  // namespace

CurveRows::CurveRows(const Table& table, const ColumnSettings& settings, const ColumnAssignment& assignment,
                     MeasuredColumns& out)
    : table_(table), settings_(settings), assignment_(assignment), out_(out) {
  const auto unit = [&](Role role) { return unit_of(role, table, assignment, settings); };
  out.control_unit = unit(Role::control);
  out.response_unit = response_unit_ = unit(Role::response);
  const bool wide = assignment.at(Role::response) == no_column;
  if (wide) take_units_of_elements();
  if (assignment.subtracted() != no_column) {
    const std::optional<Unit>& own = assignment.named(assignment.subtracted()).unit;
    const bool stated = std::any_of(settings.units.begin(), settings.units.end(),
                                    [](const auto& one) { return one.first == Role::response; });
    through_unit_ = stated ? out.response_unit : own;
  }
  tell_overruled_units();
  for (const Role role : {Role::row, Role::element})
    if (!settings.element.empty() && !wide && assignment.at(role) != no_column)
      refuse(
          "--element-from-name: the column \"" + table.header[assignment.at(role)] +
          "\" says the element of each row; leave out the option, or pass over the column with --columns " +
          word_of(role) + "=-");
  if (!settings.element.empty() && wide && assignment.elements().size() > 1)
    refuse(
        "--element-from-name: each column is an element under its own name; leave out the option, or name "
        "one column with --columns response=…");
  temperature_unit_ = unit(Role::temperature);
  sigma_unit_ = unit(Role::sigma);
  if (temperature_unit_ && temperature_unit_->dimension != Dimension::temperature)
    refuse("temperature in " + temperature_unit_->name + "; expected degC or K");
}

void CurveRows::take() {
  const bool wide = assignment_.at(Role::response) == no_column;
  for (std::size_t row = 0; row < table_.rows(); ++row) {
    if (row % 4096 == 0) stop_if_asked();
    if (!wide) {
      sample(row, assignment_.at(Role::response), name_of(row));
      continue;
    }
    for (std::size_t k = 0; k < assignment_.elements().size(); ++k) {
      const std::size_t column = assignment_.elements()[k];
      response_unit_ = units_of_elements_[k];
      sample(row, column,
             !settings_.element.empty()       ? settings_.element
             : assignment_.named(column).unit ? assignment_.named(column).base
                                              : table_.header[column]);
    }
  }
  finish();
}

std::string_view CurveRows::text(Role role, std::size_t row) const {
  return table_.cell(assignment_.at(role), row);
}

void CurveRows::take_units_of_elements() {
  for (const std::size_t column : assignment_.elements()) {
    const std::optional<Unit> own = assignment_.named(column).unit;
    units_of_elements_.push_back(out_.response_unit ? out_.response_unit : own);
    const std::optional<Unit>&first = units_of_elements_.front(), &unit = units_of_elements_.back();
    if (first.has_value() == unit.has_value() && (!unit || unit->dimension == first->dimension)) continue;
    refuse("the columns " + in_quotes(table_.header[assignment_.elements().front()]) + " and " +
           in_quotes(table_.header[column]) +
           " are in units of two kinds; say one for all with --unit response=…, or name the response with "
           "--columns");
  }
  out_.response_unit = units_of_elements_.front();
}

void CurveRows::tell_overruled_units() {
  for (const auto& [role, unit] : settings_.units) {
    if (assignment_.at(role) == no_column) continue;
    const std::optional<Unit>& own = assignment_.named(assignment_.at(role)).unit;
    if (own && own->dimension != Dimension::code && own->name != unit.name)
      out_.notes.push_back({"the column " + in_quotes(table_.header[assignment_.at(role)]) + " says " +
                                own->name + ", and is taken as " + unit.name + " as --unit says",
                            false});
  }
}

std::string CurveRows::name_of(std::size_t row) const {
  std::string name;
  if (assignment_.at(Role::row) != no_column) {
    for (const Role role : {Role::tile, Role::row, Role::col}) {
      if (assignment_.at(role) == no_column) continue;
      const auto number = table_.reading(assignment_.at(role), row);
      if (!number || *number < 0 || *number != std::floor(*number))
        refuse_row(row, "expected the number of a " + word_of(role) + ", found \"" +
                            std::string(text(role, row)) + "\"");
      name += (name.empty() ? "" : " ") + word_of(role) + " " + format_number(*number);
    }
  } else if (assignment_.at(Role::element) != no_column) {
    name = text(Role::element, row);
    if (name.empty()) refuse_row(row, "an element without a name");
  } else {
    name = settings_.element.empty() ? "element" : settings_.element;
  }
  if (assignment_.at(Role::layer) != no_column) name = std::string(text(Role::layer, row)) + " " + name;
  return name;
}

void CurveRows::refuse_row(std::size_t row, const std::string& what) const {
  throw InputError(table_.path + ":" + std::to_string(table_.lines[row]) + ": " + what);
}

void CurveRows::sample(std::size_t row, std::size_t response_column, std::string element) {
  const std::size_t line = table_.lines[row];
  const auto control = table_.reading(assignment_.at(Role::control), row);
  const auto response = table_.reading(response_column, row);
  const bool two_ports = assignment_.subtracted() != no_column;
  const auto through = two_ports ? table_.reading(assignment_.subtracted(), row) : std::nullopt;
  if (!control) return no_control_.add(line);
  if (!response || (two_ports && !through)) return no_response_.add(line);
  std::optional<double> temperature;
  if (assignment_.at(Role::temperature) != no_column) {
    temperature = table_.reading(assignment_.at(Role::temperature), row);
    if (!temperature) return no_temperature_.add(line);
  }
  model::CurveTable& to = out_.table;
  to.element.push_back(std::move(element));
  to.control.push_back(out_.control_unit ? out_.control_unit->base(*control) : *control);
  double light = response_unit_ ? response_unit_->base(*response) : *response;  // in one port
  to.response.push_back(light);
  if (through) {
    const double other = through_unit_ ? through_unit_->base(*through) : *through;
    to.response.back() -= other;
    light = std::max(std::abs(light), std::abs(other));
  }
  if (temperature)
    to.temperature_c.push_back(temperature_unit_ ? temperature_unit_->base(*temperature) : *temperature);
  if (assignment_.at(Role::sigma) != no_column) to.sigma.push_back(sigma(row, light));
  if (assignment_.at(Role::device) != no_column) to.device.emplace_back(text(Role::device, row));
  if (assignment_.at(Role::direction) != no_column) {
    const auto direction = direction_in(text(Role::direction, row));
    if (!direction)
      refuse_row(row, "expected up or down as direction, found \"" + std::string(text(Role::direction, row)) +
                          "\"; --columns direction=- passes over the column");
    to.direction.push_back(*direction);
  }
}

double CurveRows::sigma(std::size_t row, double response) {
  const auto value = table_.reading(assignment_.at(Role::sigma), row);
  if (!value) {
    no_sigma_.add(table_.lines[row]);
    return 0;
  }
  const std::optional<Unit>& unit = sigma_unit_ ? sigma_unit_ : response_unit_;
  if (!unit) return *value;
  if (unit->decibel) return std::abs(response) * std::numbers::ln10 / 10 * *value;
  return *value * unit->factor;
}

void CurveRows::finish() {
  const auto tell = [&](const Count& count, const char* what) {
    if (count.number > 0)
      out_.notes.push_back({count.text(std::string("row") + (count.number == 1 ? "" : "")) +
                                ", for there is no reading of the " + what +
                                " (an empty cell, NaN or an overload code)",
                            false});
  };
  tell(no_control_, "control");
  tell(no_response_, "response");
  tell(no_temperature_, "temperature");
  if (no_sigma_.number > 0)
    out_.notes.push_back({std::to_string(no_sigma_.number) + " standard errors are unknown", true});
  if (assignment_.at(Role::element) == no_column && assignment_.elements().empty() &&
      assignment_.at(Role::row) == no_column && settings_.element.empty())
    out_.notes.push_back({"no column names the element: all rows are one, \"element\"", false});
  if (assignment_.at(Role::temperature) != no_column && !temperature_unit_) {
    const auto& t = out_.table.temperature_c;
    constexpr double kelvin_from = 150;
    if (!t.empty() && *std::max_element(t.begin(), t.end()) > kelvin_from)
      refuse("temperatures reach " + format_short(*std::max_element(t.begin(), t.end()), 4) +
             " without a unit; say --unit temperature=K or --unit temperature=degC");
    out_.notes.push_back({"no unit of the temperature is said: taken as degC", true});
  }
  if (out_.table.rows() == 0) refuse("no row has a reading of both control and response");
}

}  // namespace pnn::io
