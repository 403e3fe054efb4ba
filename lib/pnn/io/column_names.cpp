#include "pnn/io/column_names.hpp"

#include <algorithm>
#include <map>

#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::io {

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char letter = std::string_view("_-. \t").find(c) != std::string_view::npos ? ' ' : lower_case(c);
    if (letter != ' ' || (!out.empty() && out.back() != ' ')) out += letter;
  }
  return std::string(trim(out));
}

namespace {

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

}  // namespace

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

bool is_power(const std::string& base) {
  return base == "power" || base == "p";
}

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

bool counts_readings(const std::string& base) {
  static const std::vector<std::string> words = {
      "time",       "time (s)", "time s",      "relative time", "elapsed time", "elapsed",       "timestamp",
      "time stamp", "point",    "point index", "index",         "step",         "reading number"};
  return std::find(words.begin(), words.end(), base) != words.end();
}

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

bool is_among(const std::string& base, Role role, std::size_t first) {
  if (role == Role::element && platform::find_platform(base) != nullptr) return true;
  const std::vector<std::string>& names = synonyms(role);
  return std::find(names.begin() + std::ptrdiff_t(first), names.end(), base) != names.end();
}

}  // namespace pnn::io
