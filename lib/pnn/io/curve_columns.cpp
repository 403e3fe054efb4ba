#include "pnn/io/curve_columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::io {
namespace {

constexpr std::size_t no_column = ~std::size_t{0};
constexpr std::size_t roles = word_table<Role>.size();

/// Small letters, with blanks for what joins words.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char letter = std::string_view("_-. \t").find(c) != std::string_view::npos ? ' ' : lower_case(c);
    if (letter != ' ' || (!out.empty() && out.back() != ' ')) out += letter;
  }
  return std::string(trim(out));
}

/// What the elements of each platform are called, in the singular.
std::vector<std::string> words_of_platforms() {
  std::vector<std::string> words;
  for (const platform::Platform* platform : platform::registry()) {
    std::string word = plain(platform->elements());
    if (word.ends_with('s')) word.pop_back();
    for (const char* of_it : {"", " name", " id"}) words.push_back(word + of_it);
  }
  return words;
}

/// Names by which laboratories know the columns, in small letters and with blanks; the first is the role's.
const std::vector<std::string>& synonyms(Role role) {
  static const auto all = [] {
    std::map<Role, std::vector<std::string>> names = {
        {Role::element,
         {"element", "name", "element name", "heater", "heater name", "shifter", "cell", "id", "element id",
          "label", "channel", "ch"}},
        {Role::control,
         {"control",
          "current",
          "heater current",
          "drive current",
          "bias current",
          "applied current",
          "set current",
          "source current",
          "i",
          "i heater",
          "iheater",
          "i set",
          "drive",
          "bias",
          "setpoint",
          "set point",
          "set value",
          "voltage",
          "heater voltage",
          "drive voltage",
          "bias voltage",
          "applied voltage",
          "v",
          "u",
          "v heater",
          "vheater",
          "v set",
          "heater power",
          "electrical power",
          "p heater",
          "pheater",
          "p el",
          "level",
          "code",
          "dac",
          "dac code",
          "dac value",
          "x"}},
        {Role::response,
         {"response",
          "weight",
          "transmission",
          "transmittance",
          "output",
          "output power",
          "optical power",
          "received power",
          "detector power",
          "pd power",
          "photocurrent",
          "pd current",
          "i pd",
          "ipd",
          "detector current",
          "detector",
          "detector voltage",
          "pd voltage",
          "photodiode",
          "pd",
          "v pd",
          "vpd",
          "p out",
          "pout",
          "p opt",
          "popt",
          "intensity",
          "signal",
          "reading",
          "y"}},
        {Role::sigma,
         {"sigma", "uncertainty", "standard error", "standard deviation", "std", "stdev", "std dev", "stderr",
          "std error", "sem", "error", "err", "noise", "response sigma", "response std", "response error",
          "response uncertainty", "dy"}},
        {Role::temperature,
         {"temperature", "temp", "chip temperature", "stage temperature", "tec temperature", "t chip",
          "t stage", "set temperature", "measured temperature", "temperature reading"}},
        {Role::device,
         {"device", "chip", "die", "sample", "dut", "chip id", "die id", "device id", "serial"}},
        {Role::direction, {"direction", "sweep", "sweep direction", "dir", "branch"}},
        {Role::layer, {"layer"}},
        {Role::tile, {"tile"}},
        {Role::row, {"row", "row number"}},
        {Role::col, {"col", "column", "col number", "column number"}},
    };
    const std::vector<std::string> own = words_of_platforms();
    std::vector<std::string>& elements = names.at(Role::element);
    elements.insert(elements.end(), own.begin(), own.end());
    return names;
  }();
  return all.at(role);
}

/// The word that is a power of the control or of the response.
bool is_power(const std::string& base) {
  return base == "power" || base == "p";
}

/// Whether a column is of a drop port, or of a through port; nothing for others.
std::optional<bool> is_drop(const std::string& base) {
  static const std::vector<std::string> beside = {
      "port",   "power",        "p",        "t",       "i",        "v",
      "pd",     "photocurrent", "current",  "voltage", "signal",   "out",
      "output", "transmission", "detector", "optical", "response", "intensity"};
  std::optional<bool> drop;
  for (const std::string& word : split(base, ' ')) {
    const bool of_drop = word == "drop" || word == "pdrop" || word == "tdrop" || word == "idrop",
               of_through = word == "through" || word == "thru" || word == "pthrough" || word == "pthru" ||
                            word == "tthrough" || word == "tthru" || word == "ithrough" || word == "ithru";
    if (drop && (of_drop || of_through)) return std::nullopt;  // "drop - through"
    if (of_drop || of_through) {
      drop = of_drop;
    } else if (std::find(beside.begin(), beside.end(), word) == beside.end()) {
      return std::nullopt;
    }
  }
  return drop;
}

/// Columns that count or time the readings, and are no response of an element.
bool counts_readings(const std::string& base) {
  static const std::vector<std::string> words = {
      "time",       "time (s)", "time s",      "relative time", "elapsed time", "elapsed",       "timestamp",
      "time stamp", "point",    "point index", "index",         "step",         "reading number"};
  return std::find(words.begin(), words.end(), base) != words.end();
}

/// The name of a column, and the unit in it.
struct Named {
  std::string base;  ///< plain(), without the unit
  std::optional<Unit> unit;
  std::string strange;  ///< words in brackets that are no known unit; `base` has them too
  std::string before;   ///< plain(), what stands before them
};

Named read_name(std::string_view header) {
  header = trim(header);
  for (const char* brackets : {"()", "[]", "{}"}) {
    const std::size_t open = header.rfind(brackets[0]);
    if (open == std::string_view::npos || open == 0 || header.back() != brackets[1]) continue;
    const std::optional<Unit> unit = read_unit(header.substr(open));
    if (unit) return {plain(header.substr(0, open)), unit, {}, {}};
    const std::string_view inside = header.substr(open + 1, header.size() - open - 2);
    const bool numbered = inside.find_first_of("0123456789") != std::string_view::npos;  // "detector (2)"
    return {plain(header), std::nullopt, numbered ? "" : std::string(trim(inside)),
            plain(header.substr(0, open))};
  }
  for (const char joint : {'/', ',', '_', ' '}) {  // "I/mA", "current_mA", "current mA"
    const std::size_t at = header.rfind(joint);
    if (at == std::string_view::npos || at == 0 || at + 1 == header.size()) continue;
    const std::string_view last = trim(header.substr(at + 1));
    if (last == "1" || plain(last) == "code" || plain(last) == "dac") continue;  // "heater 1", "dac_code"
    if (last == "f" || last == "F") continue;  // rather a letter than a temperature
    if (const std::optional<Unit> unit = read_unit(last)) return {plain(header.substr(0, at)), unit, {}, {}};
  }
  return {plain(header), std::nullopt, {}, {}};
}

/// Elements are also called by the word of their platform.
bool is_among(const std::string& base, Role role, std::size_t first = 0) {
  if (role == Role::element && platform::find_platform(base) != nullptr) return true;
  const std::vector<std::string>& names = synonyms(role);
  return std::find(names.begin() + std::ptrdiff_t(first), names.end(), base) != names.end();
}

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

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

/// Decides which column has which role.
class Assignment {
 public:
  Assignment(const Table& table, const ColumnSettings& settings) : table_(table) {
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

  [[nodiscard]] std::size_t at(Role role) const { return at_[std::size_t(role)]; }
  /// The column of the through port, which is subtracted from the response; none if that stands in one
  /// column.
  [[nodiscard]] std::size_t subtracted() const { return subtracted_; }
  /// Whether the same columns have the same roles.
  [[nodiscard]] bool same_as(const Assignment& other) const {
    return at_ == other.at_ && elements_ == other.elements_ && subtracted_ == other.subtracted_;
  }
  [[nodiscard]] const Named& named(std::size_t column) const { return named_[column]; }
  /// Columns that are elements each, in a wide table; else empty.
  [[nodiscard]] const std::vector<std::size_t>& elements() const { return elements_; }
  [[nodiscard]] std::vector<Note> notes() {
    std::vector<std::size_t> unused;
    for (std::size_t column = 0; column < table_.header.size(); ++column)
      if (!used(column)) unused.push_back(column);
    if (!unused.empty())
      notes_.push_back({std::to_string(unused.size()) +
                            (unused.size() == 1 ? " column was" : " columns were") +
                            " passed over: " + names_of(table_, unused),
                        false});
    return std::move(notes_);
  }

 private:
  [[nodiscard]] bool stated(Role role) const {
    return std::find(stated_.begin(), stated_.end(), role) != stated_.end();
  }
  [[nodiscard]] bool used(std::size_t column) const {
    return column == subtracted_ || std::find(at_.begin(), at_.end(), column) != at_.end() ||
           std::find(elements_.begin(), elements_.end(), column) != elements_.end();
  }
  void put(Role role, std::size_t column) { at_[std::size_t(role)] = column; }
  void release(Role role) {
    if (!stated(role)) put(role, no_column);
  }
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(table_.path + ": " + what); }

  void state(Role role, const std::string& name) {
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

  /// Columns without names: a control and a response, with the element before them where there are three.
  void assume_places() {
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

  void find(Role role) {
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

  /// A column whose name would have a role, but for words in brackets that are no unit, is stated or refused.
  void refuse_strange_units(const ColumnSettings& settings) const {
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

  /// Where both ports of an element were read, the response is their difference.
  void find_ports() {
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

  /// A power is that of the heater or that of the light, whichever nothing else is.
  void find_power() {
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
  /// Columns of numbers that are nothing else.
  [[nodiscard]] std::size_t others(std::size_t but) const {
    std::size_t count = 0;
    for (std::size_t column = 0; column < named_.size(); ++column)
      count += column != but && !used(column) && table_.numeric(column) ? 1 : 0;
    return count;
  }

  /// A misspelt name, where no other column has the role and the name is nobody else's.
  void find_near(Role role) {
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

  /// Where no column is the response, the columns that are nothing else are elements.
  void find_elements() {
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
  [[noreturn]] void refuse_missing(Role role) const {
    std::vector<std::size_t> all(table_.header.size());
    for (std::size_t column = 0; column < all.size(); ++column) all[column] = column;
    refuse("no column is called " + word_of(role) + " or by another of its names (" +
           join(std::span(synonyms(role)).subspan(1, 5), ", ") + " …); the columns are " +
           names_of(table_, all) + "; " + how_to_name);
  }

  const Table& table_;
  std::vector<Named> named_;
  std::array<std::size_t, roles> at_{};
  std::vector<Role> stated_;
  std::vector<std::size_t> elements_;
  std::size_t subtracted_ = no_column;
  std::vector<Note> notes_;
};

/// The roles that are said to be no column, and would be none without saying so.
std::vector<Role> idle_statements(const Table& table, const ColumnSettings& settings,
                                  const Assignment& assignment) {
  std::vector<Role> idle;
  for (std::size_t k = 0; k < settings.columns.size(); ++k) {
    if (settings.columns[k].second != "-") continue;
    ColumnSettings others = settings;
    others.columns.erase(others.columns.begin() + std::ptrdiff_t(k));
    try {
      if (Assignment(table, others).same_as(assignment)) idle.push_back(settings.columns[k].first);
    } catch (const InputError&) {  // it settles what would have been refused
    }
  }
  return idle;
}

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
std::optional<Unit> unit_of(Role role, const Table& table, const Assignment& assignment,
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

/// Takes the rows of a table.
class Rows {
 public:
  Rows(const Table& table, const ColumnSettings& settings, const Assignment& assignment, MeasuredColumns& out)
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

  void take() {
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

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(table_.path + ": " + what); }
  [[nodiscard]] std::string_view text(Role role, std::size_t row) const {
    return table_.cell(assignment_.at(role), row);
  }

  /// Each column of a wide table has its own unit, of one kind.
  void take_units_of_elements() {
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
  /// A stated unit overrules that of the header line, which is told.
  void tell_overruled_units() {
    for (const auto& [role, unit] : settings_.units) {
      if (assignment_.at(role) == no_column) continue;
      const std::optional<Unit>& own = assignment_.named(assignment_.at(role)).unit;
      if (own && own->dimension != Dimension::code && own->name != unit.name)
        out_.notes.push_back({"the column " + in_quotes(table_.header[assignment_.at(role)]) + " says " +
                                  own->name + ", and is taken as " + unit.name + " as --unit says",
                              false});
    }
  }

  [[nodiscard]] std::string name_of(std::size_t row) const {
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
  [[noreturn]] void refuse_row(std::size_t row, const std::string& what) const {
    throw InputError(table_.path + ":" + std::to_string(table_.lines[row]) + ": " + what);
  }

  void sample(std::size_t row, std::size_t response_column, std::string element) {
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
        refuse_row(row, "expected up or down as direction, found \"" +
                            std::string(text(Role::direction, row)) +
                            "\"; --columns direction=- passes over the column");
      to.direction.push_back(*direction);
    }
  }
  /// In the unit of the response; an error in dB is that share of it.
  double sigma(std::size_t row, double response) {
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

  void finish() {
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

  const Table& table_;
  const ColumnSettings& settings_;
  const Assignment& assignment_;
  MeasuredColumns& out_;
  std::optional<Unit> temperature_unit_, sigma_unit_;
  std::optional<Unit> response_unit_;                   ///< of the column that is being read
  std::optional<Unit> through_unit_;                    ///< of the column that is subtracted from it
  std::vector<std::optional<Unit>> units_of_elements_;  ///< of a wide table
  Count no_control_, no_response_, no_temperature_, no_sigma_;
};

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
  Assignment assignment(table, settings);
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
  Rows(table, settings, assignment, out).take();
  return out;
}

}  // namespace pnn::io
