#include "pnn/io/column_assignment.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::io {

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

namespace {

std::string names_of(const Table& table, std::span<const std::size_t> columns) {
  constexpr std::size_t most = 20;
  std::vector<std::string> names;
  for (const std::size_t column : columns) {
    if (names.size() == most) {
      names.emplace_back("…");
      break;
    }
    names.push_back(in_quotes(table.header[column]));
  }
  return join(names, ", ");
}

constexpr const char* how_to_name =
    "name them with --columns, as in --columns control=\"I (mA)\",response=\"P (dBm)\"";

}  // namespace

ColumnAssignment::ColumnAssignment(const Table& table, const ColumnSettings& settings) : table_(table) {
  for (const std::string& name : table.header) named_.push_back(read_name(name));
  at_.fill(no_column);
  for (const auto& [role, name] : settings.columns) state(role, name);
  if (!table.named) assume_places();
  for (const Word<Role>& word : word_table<Role>) find(word.value);
  find_ports();
  find_power();
  refuse_strange_units(settings);
  for (const Word<Role>& word : word_table<Role>) find_near(word.value);
  find_elements();
  for (const Role role : {Role::row, Role::col})  // one alone is no place
    if (at(Role::row) == no_column || at(Role::col) == no_column) release(role);
  if (at(Role::row) == no_column) release(Role::tile);
}

bool ColumnAssignment::same_as(const ColumnAssignment& other) const {
  return at_ == other.at_ && elements_ == other.elements_ && subtracted_ == other.subtracted_;
}

std::vector<Note> ColumnAssignment::notes() {
  std::vector<std::size_t> unused;
  for (std::size_t column = 0; column < table_.header.size(); ++column)
    if (!used(column)) unused.push_back(column);
  if (!unused.empty())
    notes_.push_back({std::to_string(unused.size()) + (unused.size() == 1 ? " column was" : " columns were") +
                          " passed over: " + names_of(table_, unused),
                      false});
  return std::move(notes_);
}

bool ColumnAssignment::stated(Role role) const {
  return std::find(stated_.begin(), stated_.end(), role) != stated_.end();
}

bool ColumnAssignment::used(std::size_t column) const {
  return column == subtracted_ || std::find(at_.begin(), at_.end(), column) != at_.end() ||
         std::find(elements_.begin(), elements_.end(), column) != elements_.end();
}

void ColumnAssignment::release(Role role) {
  if (!stated(role)) put(role, no_column);
}

void ColumnAssignment::state(Role role, const std::string& name) {
  stated_.push_back(role);
  if (name == "-") return;
  std::vector<std::size_t> found;
  const auto look = [&](const auto& is) {
    for (std::size_t column = 0; found.empty() && column < table_.header.size(); ++column)
      if (is(column)) found.push_back(column);
  };
  look([&](std::size_t column) { return table_.header[column] == name; });
  look([&](std::size_t column) { return plain(table_.header[column]) == plain(name); });
  look([&](std::size_t column) { return named_[column].base == plain(name); });
  if (const auto number = read_number(name); found.empty() && number && *number >= 1 &&
                                             *number <= double(table_.header.size()) &&
                                             *number == std::floor(*number))
    found.push_back(std::size_t(*number) - 1);
  if (found.empty()) {
    const std::size_t none = table_.column(name);  // throws, and names the columns
    found.push_back(none);
  }
  if (used(found.front())) refuse("--columns: the column " + in_quotes(name) + " stands for two things");
  put(role, found.front());
}

void ColumnAssignment::assume_places() {
  if (!stated_.empty()) return;
  const std::size_t columns = table_.header.size();
  const bool element = columns == 3 && !table_.numeric(0);
  if (columns != 2 && !element)
    refuse("no header line says what its " + std::to_string(columns) +
           " columns are; name them by their numbers, as in --columns control=1,response=2");
  if (element) put(Role::element, 0);
  put(Role::control, element ? 1 : 0);
  put(Role::response, element ? 2 : 1);
  notes_.push_back({std::string("the columns were taken as ") + (element ? "element, " : "") +
                        "control and response; --columns control=2,response=1 would say otherwise",
                    false});
}

void ColumnAssignment::find(Role role) {
  if (at(role) != no_column || stated(role)) return;
  std::vector<std::size_t> exact, other;
  for (std::size_t column = 0; column < named_.size(); ++column) {
    if (used(column)) continue;
    const std::string& base = named_[column].base;
    if (base == synonyms(role).front()) {
      exact.push_back(column);
    } else if (is_among(base, role, 1) || (role == Role::temperature && named_[column].unit &&
                                           named_[column].unit->dimension == Dimension::temperature)) {
      other.push_back(column);
    }
  }
  const std::vector<std::size_t>& found = exact.empty() ? other : exact;
  if (found.size() > 1)
    refuse("the " + word_of(role) + " may be the column " + names_of(table_, found) + "; say --columns " +
           word_of(role) + "=" + in_quotes(table_.header[found.front()]) + ", or " + word_of(role) +
           "=- for none");
  if (found.empty()) return;
  put(role, found.front());
}

void ColumnAssignment::refuse_strange_units(const ColumnSettings& settings) const {
  for (const Role role : {Role::control, Role::response, Role::sigma, Role::temperature}) {
    const bool has_unit = std::any_of(settings.units.begin(), settings.units.end(),
                                      [&](const auto& unit) { return unit.first == role; });
    if (stated(role) && (has_unit || at(role) == no_column)) continue;
    for (std::size_t column = 0; column < named_.size(); ++column) {
      const Named& name = named_[column];
      const bool chosen = at(role) == column;
      if (name.strange.empty() || (at(role) != no_column && !chosen) || (used(column) && !chosen) ||
          !is_among(name.before, role))
        continue;
      const std::string word = word_of(role), unit = word + "=" + (role == Role::temperature ? "K" : "mV");
      refuse("the column " + in_quotes(table_.header[column]) + " would be the " + word + ", but " +
             in_quotes(name.strange) + " is no unit that is known; say --columns " + word + "=" +
             in_quotes(table_.header[column]) + " and its unit, as in --unit " + unit + ", or --columns " +
             word + "=- if it is not");
    }
  }
}

void ColumnAssignment::find_ports() {
  if (at(Role::response) != no_column || stated(Role::response)) return;
  std::vector<std::size_t> drops, throughs;
  for (std::size_t column = 0; column < named_.size(); ++column) {
    if (used(column) || !table_.numeric(column)) continue;
    const std::optional<bool> drop = is_drop(named_[column].base);
    if (drop) (*drop ? drops : throughs).push_back(column);
  }
  if (drops.size() != 1 || throughs.size() != 1) return;
  const std::optional<Unit>&drop = named_[drops[0]].unit, &through = named_[throughs[0]].unit;
  if (drop.has_value() != through.has_value() || (drop && drop->dimension != through->dimension))
    refuse("the columns " + names_of(table_, drops) + " and " + names_of(table_, throughs) +
           " are of two ports and in units of two kinds; name the response with --columns response=…");
  put(Role::response, drops[0]);
  subtracted_ = throughs[0];
  notes_.push_back({"the response is the column " + names_of(table_, drops) + " less " +
                        names_of(table_, throughs) + "; --columns response=… takes one column alone",
                    true});
}

void ColumnAssignment::find_power() {
  std::vector<std::size_t> powers;
  for (std::size_t column = 0; column < named_.size(); ++column)
    if (!used(column) && is_power(named_[column].base)) powers.push_back(column);
  if (powers.empty()) return;
  const bool control = at(Role::control) == no_column && !stated(Role::control),
             response = at(Role::response) == no_column && !stated(Role::response);
  if (powers.size() > 1 || (control && response && others(powers.front()) == 0))
    refuse("the control and the response may each be the column " + names_of(table_, powers) + "; " +
           how_to_name);
  if (!control && !response) return;
  put(control ? Role::control : Role::response, powers.front());
}

std::size_t ColumnAssignment::others(std::size_t but) const {
  std::size_t count = 0;
  for (std::size_t column = 0; column < named_.size(); ++column)
    count += column != but && !used(column) && table_.numeric(column) ? 1 : 0;
  return count;
}

void ColumnAssignment::find_near(Role role) {
  constexpr std::size_t shortest = 4;
  if (at(role) != no_column || stated(role)) return;
  std::vector<std::string> words;
  for (const std::string& word : synonyms(role))
    if (word.size() >= shortest) words.push_back(word);
  for (std::size_t column = 0; column < named_.size(); ++column) {
    const std::string& base = named_[column].base;
    if (used(column) || base.size() < shortest || !table_.named) continue;
    const std::string near = nearest_word(base, words);
    if (near.empty() || near.size() + 2 < base.size() || base.size() + 2 < near.size()) continue;
    const std::size_t digits = base.find_first_of("0123456789");
    if (digits != std::string::npos) continue;  // "heater 1" is an element and no "heater id"
    if ((role == Role::control || role == Role::response || role == Role::sigma ||
         role == Role::temperature) &&
        !table_.numeric(column))
      continue;
    put(role, column);
    notes_.push_back({"the column " + in_quotes(table_.header[column]) + " was taken for the " +
                          word_of(role) + " (" + in_quotes(near) + "); --columns " + word_of(role) +
                          "=- would say that it is not",
                      false});
    return;
  }
}

void ColumnAssignment::find_elements() {
  if (at(Role::control) == no_column) refuse_missing(Role::control);
  if (at(Role::response) != no_column) return;
  if (at(Role::element) == no_column && !stated(Role::response)) {
    for (std::size_t column = 0; column < named_.size(); ++column)
      if (!used(column) && table_.numeric(column) && !counts_readings(named_[column].base))
        elements_.push_back(column);
  }
  if (elements_.empty()) refuse_missing(Role::response);
  notes_.push_back({std::to_string(elements_.size()) +
                        (elements_.size() == 1 ? " column was" : " columns were") +
                        " taken as the response of an element each: " + names_of(table_, elements_),
                    elements_.size() > 1 || table_.in_rows()});
}

void ColumnAssignment::refuse_missing(Role role) const {
  std::vector<std::size_t> all(table_.header.size());
  for (std::size_t column = 0; column < all.size(); ++column) all[column] = column;
  refuse("no column is called " + word_of(role) + " or by another of its names (" +
         join(std::span(synonyms(role)).subspan(1, 5), ", ") + " …); the columns are " +
         names_of(table_, all) + "; " + how_to_name);
}

}  // namespace pnn::io
