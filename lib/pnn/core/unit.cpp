#include "pnn/core/unit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"

namespace pnn {
namespace {

constexpr double kelvin_offset = -273.15;

struct Known {
  const char* spelling;  ///< in small letters
  Unit unit;
};

std::vector<Known> make_known() {
  using enum Dimension;
  std::vector<Known> all = {
      {"1", {number, 1, 0, false, "1"}},
      {"a.u.", {number, 1, 0, false, "1"}},
      {"au", {number, 1, 0, false, "1"}},
      {"arb", {number, 1, 0, false, "1"}},
      {"arb.", {number, 1, 0, false, "1"}},
      {"arb. units", {number, 1, 0, false, "1"}},
      {"%", {number, 0.01, 0, false, "%"}},
      {"percent", {number, 0.01, 0, false, "%"}},
      {"db", {number, 1, 0, true, "dB"}},
      {"dbm", {power, 1e-3, 0, true, "dBm"}},
      {"c", {temperature, 1, 0, false, "degC"}},
      {"degc", {temperature, 1, 0, false, "degC"}},
      {"deg c", {temperature, 1, 0, false, "degC"}},
      {"°c", {temperature, 1, 0, false, "degC"}},
      {"celsius", {temperature, 1, 0, false, "degC"}},
      {"k", {temperature, 1, kelvin_offset, false, "K"}},
      {"kelvin", {temperature, 1, kelvin_offset, false, "K"}},
      {"f", {temperature, 5.0 / 9, -160.0 / 9, false, "degF"}},
      {"°f", {temperature, 5.0 / 9, -160.0 / 9, false, "degF"}},
  };
  for (const char* word : {"code", "codes", "dac", "lsb", "count", "counts", "bit", "bits"})
    all.push_back({word, {code, 1, 0, false, "code"}});
  for (const auto& [dimension, letter] : {std::pair{current, "A"}, {voltage, "V"}, {power, "W"}}) {
    for (const auto& [prefix, factor] :
         {std::pair{"", 1.0}, {"m", 1e-3}, {"u", 1e-6}, {"n", 1e-9}, {"p", 1e-12}})
      all.push_back({"", {dimension, factor, 0, false, std::string(prefix) + letter}});
  }
  return all;
}

/// Both code points that are written as µ, and Ω, replaced by letters.
std::string with_plain_letters(std::string text) {
  for (const std::string_view micro : {"\xc2\xb5", "\xce\xbc"}) {
    for (std::size_t at = text.find(micro); at != std::string::npos; at = text.find(micro, at))
      text.replace(at, micro.size(), "u");
  }
  return text;
}

}  // namespace

double Unit::base(double value) const {
  return decibel ? factor * std::pow(10.0, value / 10) : value * factor + offset;
}

std::optional<Unit> read_unit(std::string_view text) {
  static const std::vector<Known> known = make_known();
  text = trim(text);
  if (text.size() > 2) {
    for (const char* brackets : {"()", "[]", "{}"}) {
      if (text.front() == brackets[0] && text.back() == brackets[1])
        text = trim(text.substr(1, text.size() - 2));
    }
  }
  const std::string word = lower_case(with_plain_letters(std::string(text)));
  for (const Known& one : known) {
    if (!word.empty() && (word == one.spelling || word == lower_case(one.unit.name))) return one.unit;
  }
  // the size of a step and its unit
  const std::size_t end = text.find_first_not_of("0123456789.+-eE");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  const std::optional<double> step = read_number(text.substr(0, end));
  std::optional<Unit> unit = read_unit(text.substr(end));
  if (!step || !unit || *step <= 0 || unit->decibel || unit->offset != 0 ||
      unit->dimension == Dimension::code)
    return std::nullopt;
  unit->name = format_number(*step) + " " + unit->name;
  unit->factor *= *step;
  return unit;
}

}  // namespace pnn
