#include "pnn/io/spectrum_files.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/hash.hpp"
#include "pnn/io/matlab.hpp"
#include "pnn/io/npy.hpp"
#include "pnn/io/plain_text.hpp"

namespace pnn::io {
namespace {

std::string small(std::string_view text) {
  return lower_case(trim(text));
}

/// A name without the unit at its end, "power (dBm)" or "power/dBm", and that unit; a name may be a unit
/// alone.
std::pair<std::string, std::optional<Unit>> take_unit(const std::string& name) {
  for (const char joint : {'(', '[', '/', '_', ' '}) {
    const std::size_t at = name.rfind(joint);
    if (at == std::string::npos || at == 0 || at + 1 >= name.size()) continue;
    if (joint != '(' && joint != '[' && trim(std::string_view(name).substr(at + 1)) == "1")
      continue;  // "channel_1"
    if (const std::optional<Unit> unit =
            read_unit(trim(std::string_view(name).substr(joint == '(' || joint == '[' ? at : at + 1))))
      return {std::string(trim(std::string_view(name).substr(0, at))), unit};
  }
  if (name != "1")
    if (const std::optional<Unit> unit = read_unit(name)) return {name, unit};
  return {name, std::nullopt};
}

bool is_wavelength(const std::string& name) {
  const std::string word = small(name);
  return word == "nm" || word.find("wavelength") != std::string::npos ||
         word.find("lambda") != std::string::npos || word == "wl" || word.ends_with("(nm)") ||
         word.ends_with("[nm]") || word.ends_with("_nm");
}

/// THz of one unit of a column of frequencies, by its name, or else by the size of its values; 0 for a column
/// of something else.
double terahertz_of(const std::string& name, double largest) {
  const std::string word = small(name);
  if (word.find("thz") != std::string::npos) return 1;
  if (word.find("ghz") != std::string::npos) return 1e-3;
  if (word.find("hz") != std::string::npos) return 1e-12;
  if (word.find("freq") == std::string::npos) return 0;
  return largest > 1e9 ? 1e-12 : largest > 1e4 ? 1e-3 : 1;
}

/// The lines "Key: value" at the beginning of a text, up to the first that is none.
std::map<std::string, std::string> said_in(const std::string& text) {
  std::map<std::string, std::string> said;
  constexpr std::size_t most_lines = 1000;
  std::size_t at = 0;
  for (std::size_t line = 0; line < most_lines && at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view words = trim(std::string_view(text).substr(at, end - at));
    at = end + 1;
    while (!words.empty() && (words.front() == '#' || words.front() == '%' || words.front() == '!'))
      words = trim(words.substr(1));
    const std::size_t colon = words.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      const bool number = !words.empty() && (std::isdigit(static_cast<unsigned char>(words.front())) != 0);
      if (number) break;
      continue;
    }
    said.emplace(small(words.substr(0, colon)), std::string(trim(words.substr(colon + 1))));
  }
  return said;
}

void from_matlab(const std::string& bytes, SpectrumFile& out) {
  const MatlabFile file = read_matlab(bytes, out.path);
  const auto length = [](const MatlabArray& array) { return array.numbers.data.size(); };
  const MatlabArray* wavelengths = nullptr;
  for (const MatlabArray& array : file.arrays)
    if (array.kind == MatlabArray::Kind::numbers && length(array) > 1 &&
        is_wavelength(array.name.substr(array.name.rfind('.') + 1)))
      wavelengths = &array;
  if (wavelengths == nullptr) {
    std::vector<std::string> names;
    for (const MatlabArray& array : file.arrays) names.push_back(array.name);
    throw InputError(out.path + ": no array is called wavelength; the arrays are " + join(names, ", "));
  }
  out.wavelength_nm = file.values(wavelengths->name);
  for (const MatlabArray& array : file.arrays) {
    if (&array == wavelengths || array.kind != MatlabArray::Kind::numbers ||
        length(array) != length(*wavelengths))
      continue;
    out.channels.push_back(
        {array.name.substr(array.name.rfind('.') + 1), std::nullopt, file.values(array.name)});
  }
}

/// What a column of a heater's table holds, by its unit, or else by its name; nothing for something else.
struct HeaterColumn {
  Dimension dimension;
  Unit unit;
  bool stated = false;
};
std::optional<HeaterColumn> heater_column(const std::string& header) {
  const auto [name, unit] = take_unit(header);
  const std::string word = small(name);
  const bool temperature = word.find("temp") != std::string::npos || word == "t";
  if (unit && !unit->decibel) {
    if (temperature || unit->dimension == Dimension::temperature)
      return HeaterColumn{Dimension::temperature, *unit, true};
    if (unit->dimension == Dimension::current || unit->dimension == Dimension::voltage)
      return HeaterColumn{unit->dimension, *unit, true};
    return std::nullopt;
  }
  if (unit) return std::nullopt;
  if (temperature) return HeaterColumn{Dimension::temperature, *read_unit("degC")};
  if (word == "i" || word.find("current") != std::string::npos)
    return HeaterColumn{Dimension::current, *read_unit("A")};
  if (word == "u" || word.find("voltage") != std::string::npos || word.find("bias") != std::string::npos)
    return HeaterColumn{Dimension::voltage, *read_unit("V")};
  return std::nullopt;
}

/// Takes a table of a heater's currents and voltages. Returns false for another one.
bool take_heater(const Table& table, const std::vector<std::size_t>& numeric, SpectrumFile& out) {
  std::map<Dimension, std::pair<std::size_t, HeaterColumn>> columns;
  for (const std::size_t k : numeric) {
    if (is_wavelength(table.header[k]) || terahertz_of(table.header[k], 1) > 0) return false;
    const auto column = heater_column(table.header[k]);
    if (!column) continue;
    if (!columns.emplace(column->dimension, std::pair(k, *column)).second &&
        column->dimension != Dimension::temperature)
      return false;  // of several heaters, or sweeps of detectors
  }
  if (!columns.contains(Dimension::current) || !columns.contains(Dimension::voltage)) return false;
  model::HeaterCurve curve;
  std::size_t left_out = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto read = [&](Dimension dimension, const char* in) {
      const auto column = columns.find(dimension);
      if (column == columns.end()) return std::numeric_limits<double>::quiet_NaN();
      const auto& [number, is] = column->second;
      const std::optional<double> value = table.reading(number, row);
      return value ? read_unit(in)->of_base(is.unit.base(*value)) : std::numeric_limits<double>::quiet_NaN();
    };
    const double current = read(Dimension::current, "mA"), voltage = read(Dimension::voltage, "V");
    if (!std::isfinite(current) || !std::isfinite(voltage)) {
      ++left_out;
      continue;
    }
    curve.current_ma.push_back(current), curve.voltage_v.push_back(voltage);
    curve.temperature_c.push_back(read(Dimension::temperature, "degC"));
  }
  constexpr std::size_t fewest = 3;
  if (curve.current_ma.size() < fewest)
    throw InputError(out.path + ": expected " + std::to_string(fewest) +
                     " currents with a voltage or more, found " + std::to_string(curve.current_ma.size()));
  for (const auto& [dimension, column] : columns)
    if (!column.second.stated)
      out.notes.push_back(
          {"no unit of \"" + table.header[column.first] + "\" is said: taken as " + column.second.unit.name,
           false});
  if (left_out > 0)
    out.notes.push_back(
        {std::to_string(left_out) + " rows without a current and a voltage were left out", false});
  const auto largest = [](const std::vector<double>& all) {
    double most = 0;
    for (const double value : all) most = std::max(most, std::abs(value));
    return most;
  };
  const double ohm = 1e3 * largest(curve.voltage_v) / largest(curve.current_ma);
  if (!(ohm > 1 && ohm < 1e6))
    throw InputError(out.path + ": voltages over currents are " + format_short(ohm, 3) +
                     " ohm, which no heater has; say their units as in \"current (mA),voltage (V)\"");
  out.heater = std::move(curve);
  return true;
}

void from_table(std::string text, SpectrumFile& out) {
  if (!is_numpy(text)) out.said = said_in(text);
  const Table table = parse_table(std::move(text), out.path, Layout::any_side);
  for (const Note& note : table.notes)
    if (out.said.empty() || (note.text.find("speaks of a unit") == std::string::npos &&
                             note.text.find("passed over before the") == std::string::npos))
      out.notes.push_back({note.text, true});
  std::vector<std::size_t> numeric;
  for (std::size_t k = 0; k < table.header.size(); ++k)
    if (table.numeric(k)) numeric.push_back(k);
  if (take_heater(table, numeric, out)) return;
  if (numeric.size() < 2)
    throw InputError(out.path + ": expected a column of wavelengths and one of powers, found " +
                     std::to_string(numeric.size()) + " columns of numbers");
  std::size_t wavelength = numeric.front();
  for (const std::size_t k : numeric)
    if (is_wavelength(table.header[k])) {
      wavelength = k;
      break;
    }
  double terahertz = 0;
  for (std::size_t k = 0; k < numeric.size() && terahertz == 0 && !is_wavelength(table.header[wavelength]);
       ++k) {
    double largest = 0;
    for (std::size_t row = 0; row < table.rows(); ++row)
      largest = std::max(largest, std::abs(table.reading(numeric[k], row).value_or(0)));
    terahertz = terahertz_of(table.header[numeric[k]], largest);
    if (terahertz > 0) wavelength = numeric[k];
  }
  if (terahertz > 0)
    out.notes.push_back(
        {"column \"" + table.header[wavelength] + "\" is a frequency, and became wavelengths in nm", false});
  else if (!is_wavelength(table.header[wavelength]))
    out.notes.push_back(
        {"no column is called wavelength: the first, \"" + table.header[wavelength] + "\", was taken",
         false});
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row)
    if (table.reading(wavelength, row)) rows.push_back(row);
  const std::size_t left_out = table.rows() - rows.size();
  constexpr double light_nm_thz = 299792.458;
  for (const std::size_t row : rows) {
    const double value = *table.reading(wavelength, row);
    out.wavelength_nm.push_back(terahertz > 0 ? light_nm_thz / (terahertz * value) : value);
  }
  for (const std::size_t k : numeric) {
    if (k == wavelength) continue;
    auto [name, unit] = take_unit(table.header[k]);
    SpectrumChannel channel{std::move(name), unit, {}};
    for (const std::size_t row : rows)
      channel.values.push_back(table.reading(k, row).value_or(std::numeric_limits<double>::quiet_NaN()));
    out.channels.push_back(std::move(channel));
  }
  if (left_out > 0)
    out.notes.push_back({std::to_string(left_out) + " rows without a wavelength were left out", false});
}

void in_nanometres(SpectrumFile& file) {
  const double largest = *std::max_element(file.wavelength_nm.begin(), file.wavelength_nm.end());
  const double factor = largest < 1e-4 ? 1e9 : largest < 100 ? 1e3 : 1;
  if (factor > 1)
    file.notes.push_back(
        {std::string("wavelengths are in ") + (factor > 1e6 ? "m" : "um") + " by their size, and became nm",
         false});
  for (double& value : file.wavelength_nm) value *= factor;
  if (largest * factor < 300 || largest * factor > 20000)
    throw InputError(file.path + ": wavelengths up to " + format_short(largest, 4) +
                     " are neither nm nor um nor m of light; name the column of wavelengths so");
}

/// Spreads wavelengths that were rounded, so that neighbours are the same, evenly over the sweep.
void spread_evenly(SpectrumFile& file) {
  std::vector<double>& all = file.wavelength_nm;
  const std::size_t n = all.size();
  double rounding = std::numeric_limits<double>::infinity();  // smallest step that is none of the sweep's
  std::size_t same = 0;
  for (std::size_t k = 1; k < n; ++k) {
    if (all[k] == all[k - 1]) ++same;
    if (all[k] > all[k - 1]) rounding = std::min(rounding, all[k] - all[k - 1]);
  }
  if (same == 0) return;
  // the line of least squares, which halves the roundings of both ends
  double t = 0, y = 0, tt = 0, ty = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double x = double(k) - double(n - 1) / 2;
    t += x, y += all[k], tt += x * x, ty += x * all[k];
  }
  double most = 0;
  std::vector<double> even(n);
  for (std::size_t k = 0; k < n; ++k) {
    even[k] = y / double(n) + ty / tt * (double(k) - double(n - 1) / 2);
    most = std::max(most, std::abs(even[k] - all[k]));
  }
  if (most > rounding)
    throw InputError(
        file.path + ": " + std::to_string(same) +
        " wavelengths stand twice, and the sweep is not even, so that they cannot be told apart; write "
        "them with more digits");
  all = std::move(even);
  file.notes.push_back({std::to_string(same) + " wavelengths stand twice, being rounded to " +
                            format_short(rounding, 3) + " nm: the sweep was taken as even",
                        false});
}

void in_order(SpectrumFile& file) {
  std::vector<double>& all = file.wavelength_nm;
  if (all.front() > all.back()) {
    std::reverse(all.begin(), all.end());
    for (SpectrumChannel& channel : file.channels) std::reverse(channel.values.begin(), channel.values.end());
  }
  spread_evenly(file);
  const auto back = std::adjacent_find(all.begin(), all.end(), [](double l, double r) { return l >= r; });
  if (back != all.end())
    throw InputError(file.path + ": the wavelengths turn back at " + format_short(*back, 8) +
                     " nm; write each sweep to a file of its own");
}

}  // namespace

SpectrumFile read_spectrum_file(const std::string& path) {
  SpectrumFile out;
  out.path = path;
  constexpr std::size_t most = std::size_t{1} << 28;
  std::string bytes = read_bytes(path, most);
  if (bytes.size() > most) throw InputError(path + ": more than 256 MiB, and a sweep has less");
  out.hash = text_hash(bytes);
  if (is_matlab(bytes)) {
    from_matlab(bytes, out);
  } else if (is_numpy(bytes)) {
    from_table(std::move(bytes), out);
  } else {
    std::vector<std::string> notes;
    std::string text = to_utf8(unpack_gzip(std::move(bytes), path, most), path, notes);
    for (const std::string& note : notes) out.notes.push_back({note, true});
    from_table(std::move(text), out);
  }
  if (out.heater) return out;
  constexpr std::size_t fewest = 50;
  if (out.channels.empty() || out.wavelength_nm.size() < fewest)
    throw InputError(path + ": expected " + std::to_string(fewest) +
                     " wavelengths or more and a channel of powers, found " +
                     std::to_string(out.wavelength_nm.size()) + " wavelengths and " +
                     std::to_string(out.channels.size()) + " channels");
  in_nanometres(out);
  in_order(out);
  return out;
}

}  // namespace pnn::io
