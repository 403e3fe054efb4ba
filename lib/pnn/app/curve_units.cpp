#include "pnn/app/curve_units.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::app {
namespace {

/// Units in which laboratories state controls of heaters and levels.
std::vector<Unit> customary_units() {
  std::vector<Unit> all;
  for (const char* name : {"A", "mA", "uA", "V", "mV", "W", "mW", "uW", "1", "%"})
    all.push_back(*read_unit(name));
  return all;
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

/// "--unit control=mA or --unit control=V"
std::string say_unit(const std::vector<std::string>& units) {
  std::vector<std::string> options;
  for (const std::string& unit : units) options.push_back("--unit control=" + unit);
  return join(options, " or ");
}

}  // namespace

// ---- controls ----

std::optional<double> Conversion::control(const Unit& unit, double base) const {
  if (lab_.even_in_control() && unit.dimension != Dimension::power) base = std::abs(base);
  return lab_.control_of(unit.dimension, base, process_);
}

std::optional<double> Conversion::reach(const Unit& unit, const std::vector<double>& values) const {
  return control(unit, unit.base(largest(values)));
}

std::optional<double> Conversion::strangeness(const Unit& unit, model::CurveTable table) const {
  for (double& value : table.control) {
    const std::optional<double> converted = control(unit, unit.base(value));
    if (!converted) return std::nullopt;
    value = *converted;
  }
  return lab_.strangeness(curves(table), process_);
}

void Conversion::check_assumed(const Unit& assumed, const io::MeasuredColumns& columns) const {
  const std::vector<double>& values = columns.table.control;
  constexpr double strange_from = 1.5, normal_to = 0.7;
  const double expected = lab_.largest_control(process_), reached = *reach(assumed, values);
  const auto within = [&](double control) { return control >= expected / 4 && control <= 4 * expected; };
  std::vector<std::string> fitting;
  std::string best;
  double least = 0;
  for (const Unit& unit : customary_units()) {
    const std::optional<double> with_unit = reach(unit, values);
    if (unit.name == assumed.name || !with_unit || *with_unit < expected / 3 || *with_unit > 1.5 * expected)
      continue;
    fitting.push_back(unit.name);
    const std::optional<double> strange = strangeness(unit, columns.table);
    if (strange && (best.empty() || *strange < least)) best = unit.name, least = *strange;
  }
  const std::string said =
      where_ + ": the column \"" + columns.control_name + "\" does not say its unit, and ";
  if (!within(reached)) {
    const bool whole = std::all_of(values.begin(), values.end(), [](double v) { return v == std::round(v); });
    if (!best.empty()) fitting = {best};
    if (!best.empty() && whole && least > normal_to) fitting.clear();  // rather codes
    throw InputError(
        said + "its values would reach " + format_short(reached, 3) +
        (assumed.name == "1" ? "" : " " + assumed.name) + ", where the process expects " +
        format_short(expected, 3) + "; say " +
        (fitting.empty() ? say_unit({assumed.name}) + " if they are"
                         : say_unit(fitting) + ", which would fit, or " + say_unit({assumed.name})) +
        (whole && largest(values) > 10 ? "; for codes of a source state the step, as --unit control=" +
                                             format_short(expected / largest(values), 3) + assumed.name
                                       : ""));
  }
  const std::optional<double> strange = strangeness(assumed, columns.table);
  if (!strange || best.empty() || *strange < strange_from || least > normal_to || least > *strange / 2)
    return;
  throw InputError(said + "as " + assumed.name + " its curves are none of this process, while as " + best +
                   " they are; say " + say_unit({best}) + ", or " + say_unit({assumed.name}) +
                   " if they are");
}

void Conversion::convert_controls(io::MeasuredColumns& columns, Told& told) const {
  const std::string own = lab_.control_unit();
  const Unit assumed = *read_unit(own);
  const Unit unit = columns.control_unit.value_or(assumed);
  const auto say = [&](const std::string& text) { told.say(where_, text); };
  if (unit.dimension == Dimension::code)
    throw InputError(where_ + ": the column \"" + columns.control_name +
                     "\" is of codes; state their step, as --unit control=0.00244mA");
  std::vector<double>& values = columns.table.control;
  if (!columns.control_unit) {
    check_assumed(assumed, columns);
    for (double& value : values) value = assumed.base(value);
    say("the column \"" + columns.control_name + "\" does not say its unit: taken as " + own +
        " (--unit control=… says another)");
  }
  std::size_t negative = 0;
  for (double& value : values) {
    negative += value < 0 ? 1 : 0;
    const std::optional<double> own_value = control(unit, value);
    if (!own_value)
      throw InputError(
          where_ + ": a control of " + format_short(unit.decibel ? value : unit.of_base(value), 4) + " " +
          unit.name + " is no " + own + " of " + lab_.platform().elements() + "; expected controls in " +
          own + (lab_.conversion(process_).empty() ? "" : ", or as a voltage or a power of at least 0"));
    value = *own_value;
  }
  if (negative > 0 && lab_.even_in_control())
    say(std::to_string(negative) +
        " controls are negative: heat is even in current, so that they count by size");
  if (unit.dimension == Dimension::voltage || unit.dimension == Dimension::power)
    say("controls in " + unit.name + " became " + own + " through " + lab_.conversion(process_) +
        "; a resistance that rises with heat is taken as it is cold; --set states another");
  const double expected = lab_.largest_control(process_), reached = largest(values);
  constexpr double impossible = 20;
  if (columns.control_unit && (reached > impossible * expected || reached * impossible < expected))
    throw InputError(where_ + ": controls reach " + format_short(reached, 3) + " " + own +
                     ", where the process expects " + format_short(expected, 3) + "; check the unit (" +
                     unit.name + "), or state what the process allows with --set");
}

// ---- responses ----

namespace {

/// The value that this share of the magnitudes does not exceed.
double share_below(double share, std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  const auto at = values.begin() + std::ptrdiff_t(share * double(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// The largest magnitude of each element, with its name, in ascending order.
std::vector<std::pair<double, std::string>> largest_of_elements(const model::CurveTable& table) {
  std::map<std::string_view, double> most;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    double& value = most[table.element[row]];
    value = std::max(value, std::abs(table.response[row]));
  }
  std::vector<std::pair<double, std::string>> all;
  for (const auto& [name, value] : most) all.emplace_back(value, name);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

void Conversion::convert_responses(const std::optional<double>& full_scale, io::MeasuredColumns& columns,
                                   Told& told) const {
  const std::optional<Unit>& unit = columns.response_unit;
  const double reached = largest(columns.table.response), expected = lab_.largest_response(process_);
  const bool is_weight = !unit || (unit->dimension == Dimension::number && !unit->decibel);
  const std::string column = "the column \"" + columns.response_name + "\"";
  if (reached == 0) throw InputError(where_ + ": " + column + " is 0 everywhere");
  if (unit && unit->dimension == Dimension::temperature)
    throw InputError(where_ + ": " + column + " is in " + unit->name + ", and a response is no temperature");
  double scale = 1;
  if (full_scale) {
    scale = unit ? unit->base(*full_scale) : *full_scale;
    if (!(scale > 0)) throw UsageError("--full-scale: expected more than 0, or a number of dB or dBm");
  } else if (!is_weight) {
    scale = reached / expected;
    told.say(where_, column + " is in " + unit->name +
                         ": its largest value became the largest weight of the process, " +
                         format_short(expected, 3) + "; --full-scale states the response of a weight of 1");
  }
  for (double& value : columns.table.response) value /= scale;
  for (double& value : columns.table.sigma) value /= scale;
  constexpr double too_small = 0.02, too_large = 1.6, nearly_all = 0.95;
  const double now = reached / scale;
  if (now < too_small * expected || share_below(nearly_all, columns.table.response) > too_large * expected)
    throw InputError(
        where_ + ": " + column + " reaches " + format_short(now, 3) + (full_scale ? " of --full-scale" : "") +
        ", where the largest response of the process is " + format_short(expected, 3) +
        (full_scale ? "; check the unit and --full-scale"
         : unit     ? "; state the response of a weight of 1 with --full-scale, in " + unit->name
                    : "; say its unit, as --unit response=A, V or W, or the response of a weight of 1 with "
                      "--full-scale"));
  doubt_responses(columns, full_scale.has_value(), told);
}

void Conversion::doubt_responses(const io::MeasuredColumns& columns, bool stated, Told& told) const {
  const model::CurveTable& table = columns.table;
  const double expected = lab_.largest_response(process_);
  const std::string column = "the column \"" + columns.response_name + "\" ";
  const auto elements = largest_of_elements(table);
  const auto& [most, name] = elements.back();
  constexpr double far = 3;
  const double usual = elements[elements.size() / 2].first;
  if (elements.size() >= 3 && most > far * usual)
    told.warn(where_,
              column + "reaches " + format_short(most / usual, 2) + " times as much at element " + name +
                  " as at most others, whose weights are so much smaller; if that is a wrong reading, "
                  "take it out");
  constexpr double small = 0.5, large = 1.6, one_sign = 0.05;
  if (!stated && (most < small * expected || most > large * expected))
    told.warn(where_, column + "reaches " + format_short(most, 3) +
                          ", where the largest response of the process is " + format_short(expected, 3) +
                          ": the weights of the model are as it says; if it is no weight, state the response "
                          "of a weight of 1 with --full-scale");
  const auto [least, greatest] = std::minmax_element(table.response.begin(), table.response.end());
  if (const std::optional<Unit>& unit = columns.response_unit; unit && unit->decibel && !columns.two_ports) {
    // scales change no difference of two values in dB
    constexpr double weight_db = 2.2;  // weights from -1 to 1, taken for dB, span 2
    const double span_db = 10 * std::log10(*greatest / *least);
    if (*least > 0 && span_db < weight_db)
      told.warn(where_, column + "is in " + unit->name + " and spans " + format_short(span_db, 2) +
                            " dB alone, where " + lab_.platform().elements() +
                            " change it by much more: if these are linear numbers, say so with --unit "
                            "response=1, mW or the like");
  }
  if (!lab_.polarities().empty() && std::min(-*least, *greatest) < one_sign * most)
    told.warn(where_, column +
                          "has one sign, as that of one port has: so have the weights of the model, where "
                          "detectors of this process take the difference of two ports");
}

model::Curves Conversion::curves(const model::CurveTable& table) const {
  model::Curves out = model::import_curves(table, rules_, where_);
  for (model::ChipCurves& chip : out.chips) chip.control_unit = lab_.control_unit();
  return out;
}

}  // namespace pnn::app
