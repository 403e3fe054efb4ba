#include "pnn/app/spectrum_conditions.hpp"

#include <cmath>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/unit.hpp"

namespace pnn::app {

using model::BusPort;
using model::Spectrum;

namespace {

/// A number with a unit of this dimension, in the unit of `in`; a bare number is in that unit.
double quantity(const std::string& text, const char* in, const std::string& option) {
  const Unit own = *read_unit(in);
  const std::size_t end = text.find_first_not_of("0123456789.+-eE ");
  const std::string_view number = trim(std::string_view(text).substr(0, end));
  const double value = parse_number(number, option);
  if (end == std::string::npos) return value;
  const std::optional<Unit> unit = read_unit(trim(std::string_view(text).substr(end)));
  if (!unit || unit->dimension != own.dimension || unit->decibel)
    throw UsageError(option + ": expected a value in " + in + ", found \"" + text + "\"");
  return own.of_base(unit->base(value));
}

/// A value of a line "Key: value", whose unit stands behind it, or in brackets behind the key; nothing for a
/// text. A current without a unit is in A, as instruments write it.
std::optional<double> said_quantity(const std::string& key, const std::string& text, const char* bare,
                                    const char* in) {
  const std::size_t end = text.find_first_not_of("0123456789.+-eE ");
  const std::optional<double> value = read_number(std::string(trim(std::string_view(text).substr(0, end))));
  if (!value) return std::nullopt;
  std::string unit = end == std::string::npos ? "" : std::string(trim(std::string_view(text).substr(end)));
  if (const std::size_t open = key.find_last_of("(["); unit.empty() && open != std::string::npos)
    unit = key.substr(open);
  const Unit own = *read_unit(in);
  const std::optional<Unit> stated = unit.empty() ? read_unit(bare) : read_unit(unit);
  if (!stated || stated->dimension != own.dimension || stated->decibel)
    throw InputError("the line \"" + key + ": " + text + "\" is in no unit of " + in);
  return own.of_base(stated->base(*value));
}

}  // namespace

std::vector<std::pair<BusPort, std::string>> stated_channels(const std::string& text) {
  std::vector<std::pair<BusPort, std::string>> out;
  if (text.empty()) return out;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const std::optional<BusPort> port =
        read_word<BusPort>(std::string(trim(std::string_view(part).substr(0, equals))));
    if (equals == std::string::npos || !port)
      throw UsageError("--channels: expected PORT=CHANNEL with a port among " +
                       join(word_names<BusPort>(), ", ") + ", found \"" + part + "\"");
    out.emplace_back(*port, std::string(trim(std::string_view(part).substr(equals + 1))));
  }
  return out;
}

std::map<std::string, SweepCondition> stated_conditions(const std::vector<std::string>& texts) {
  std::map<std::string, SweepCondition> all;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError("--condition: expected NAME=KEY:VALUE,…, as Start=power:0mW, found \"" + text + "\"");
    SweepCondition& condition = all[text.substr(0, equals)];
    for (const std::string& part : split(text.substr(equals + 1), ',')) {
      const std::size_t colon = part.find(':');
      const std::string key(trim(std::string_view(part).substr(0, colon)));
      const std::string value =
          colon == std::string::npos ? "" : std::string(trim(std::string_view(part).substr(colon + 1)));
      const std::string option = "--condition " + text;
      if (key == "heater") {
        condition.heater = value;
      } else if (key == "bus") {
        condition.bus = value;
      } else if (key == "current") {
        condition.current_ma = quantity(value, "mA", option);
      } else if (key == "voltage") {
        condition.voltage_v = quantity(value, "V", option);
      } else if (key == "power") {
        condition.power_mw = quantity(value, "mW", option);
      } else if (key == "temperature") {
        condition.temperature_c = quantity(value, "degC", option);
      } else {
        throw UsageError(
            option + ": expected a key among heater, bus, current, voltage, power and temperature, found \"" +
            key + "\"");
      }
    }
  }
  return all;
}

void apply(const SweepCondition& condition, Spectrum& s) {
  const auto take = [](double value, double& to) {
    if (std::isfinite(value)) to = value;
  };
  if (!condition.heater.empty()) s.heater = condition.heater;
  if (!condition.bus.empty()) s.bus = condition.bus;
  take(condition.current_ma, s.current_ma);
  take(condition.voltage_v, s.voltage_v);
  take(condition.power_mw, s.power_mw);
  take(condition.temperature_c, s.temperature_c);
}

std::vector<std::string> apply_said(const std::map<std::string, std::string>& said, Spectrum& s,
                                    const std::string& path) {
  std::vector<std::string> unused;
  std::string with_voltage, with_current;
  const auto take = [&](const std::string& key, std::optional<double> value, double& to, std::string& line) {
    if (!value) return;
    if (!line.empty() && *value != 0 && to != 0)
      throw InputError(path + ": the lines \"" + line + "\" and \"" + key +
                       "\" are of two heaters; a sweep is of one that is driven");
    if (line.empty() || *value != 0) to = *value, line = key;
  };
  for (const auto& [key, text] : said) {
    const auto has = [&](const char* word) { return key.find(word) != std::string::npos; };
    if (has("voltage")) {
      take(key, said_quantity(key, text, "V", "V"), s.voltage_v, with_voltage);
    } else if (has("current")) {
      take(key, said_quantity(key, text, "A", "mA"), s.current_ma, with_current);
    } else if (has("temperature")) {
      if (const auto value = said_quantity(key, text, "degC", "degC")) s.temperature_c = *value;
    }
    const bool component = key == "component" || key == "device id" || key == "device";
    if (component && !text.empty()) s.bus = text;
    if (key == "heater") s.heater = text;
    if (!component && key != "heater" && !has("voltage") && !has("current") && !has("temperature"))
      unused.push_back(key);
  }
  return unused;
}

}  // namespace pnn::app
