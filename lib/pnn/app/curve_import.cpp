#include "pnn/app/curve_import.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "pnn/app/element_map.hpp"
#include "pnn/app/table_notes.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/curve_columns.hpp"
#include "pnn/io/table.hpp"
#include "pnn/model/import.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::app {
namespace {

/// What is told of an import, and kept in its file.
class Told {
 public:
  explicit Told(cli::Context& context) : context_(context) {}
  void say(const std::string& where, const std::string& text) { tell(where, {text, true}); }
  void warn(const std::string& where, const std::string& text) { tell(where, {text, false}); }
  void tell(const std::string& where, const io::Note& note) {
    app::tell({note}, where, context_);
    kept_.push_back(note.text);
  }
  /// In an order that does not depend on that of the files, each once.
  [[nodiscard]] std::vector<std::string> kept() && {
    std::sort(kept_.begin(), kept_.end());
    kept_.erase(std::unique(kept_.begin(), kept_.end()), kept_.end());
    return std::move(kept_);
  }
  [[nodiscard]] cli::Context& context() { return context_; }

 private:
  cli::Context& context_;
  std::vector<std::string> kept_;
};

std::vector<const study::PlatformLab*> importing_labs() {
  std::vector<const study::PlatformLab*> all;
  for (const study::PlatformLab* lab : study::labs())
    if (lab->imports()) all.push_back(lab);
  return all;
}

const std::vector<std::string> table_endings = {".csv", ".tsv", ".txt", ".dat", ".npy", ".npz", ".mat"};

bool is_table(std::string name) {
  if (name.starts_with(".")) return false;
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return std::any_of(table_endings.begin(), table_endings.end(),
                     [&](const std::string& ending) { return name.ends_with(ending); });
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::string unit_name(const std::optional<Unit>& unit) {
  return unit ? unit->name : "no unit";
}

/// Adds the rows of one table to those of others, which must have the same columns and units.
void add(io::MeasuredColumns& all, io::MeasuredColumns&& one, const std::string& where) {
  const auto same = [&](const std::optional<Unit>& l, const std::optional<Unit>& r, const char* what) {
    if (l.has_value() == r.has_value() && (!l || l->dimension == r->dimension)) return;
    throw InputError(where + ": " + what + " in " + unit_name(r) + ", and in " + unit_name(l) +
                     " in the tables before; state it with --unit");
  };
  same(all.control_unit, one.control_unit, "control");
  same(all.response_unit, one.response_unit, "response");
  model::CurveTable &to = all.table, &from = one.table;
  if (to.sigma.empty() != from.sigma.empty() || to.temperature_c.empty() != from.temperature_c.empty() ||
      to.device.empty() != from.device.empty() || to.direction.empty() != from.direction.empty())
    throw InputError(where + ": other columns than the tables before it; import it apart");
  append(to.element, std::move(from.element));
  append(to.control, std::move(from.control));
  append(to.response, std::move(from.response));
  append(to.sigma, std::move(from.sigma));
  append(to.temperature_c, std::move(from.temperature_c));
  append(to.device, std::move(from.device));
  append(to.direction, std::move(from.direction));
}

io::MeasuredColumns read_tables(const ImportSettings& settings, Told& told) {
  const std::vector<std::string> files = files_of(
      settings.tables, is_table, "a folder without tables (" + join(table_endings, ", ") + ", plain or .gz)");
  io::ColumnSettings columns;
  if (!settings.columns.empty()) columns.columns = io::read_column_names(settings.columns);
  if (!settings.units.empty()) columns.units = io::read_column_units(settings.units);
  std::map<std::string, std::string> with_name, first_in;
  io::MeasuredColumns all;
  for (std::size_t k = 0; k < files.size(); ++k) {
    const io::Table table = io::read_table(files[k], io::Layout::any_side);
    told.context().parent("import", "csv", table.hash, {});
    for (const io::Note& note : table.notes) told.tell(table.path, note);
    if (settings.element_from_name) {
      columns.element = file_stem(files[k]);
      if (const auto [other, fresh] = with_name.emplace(columns.element, files[k]); !fresh)
        throw InputError(files[k] + ": the same element \"" + columns.element + "\" as " + other->second);
    }
    io::MeasuredColumns one = io::find_curves(table, columns);
    for (const io::Note& note : one.notes) told.tell(table.path, note);
    std::vector<std::string> again;
    for (const std::string& element : model::distinct_names(one.table.element))
      if (!first_in.emplace(element, files[k]).second) again.push_back(element);
    if (!again.empty())
      told.warn(table.path, std::to_string(again.size()) + " of its elements, as " + again.front() +
                                ", are in another table too: their readings were put together");
    if (k == 0) {
      all = std::move(one);
    } else {
      add(all, std::move(one), files[k]);
    }
  }
  return all;
}

// ---- controls ----

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

/// Makes controls those of the platform, and curves of a table.
class Conversion {
 public:
  Conversion(const study::PlatformLab& lab, const platform::Process& process, const ImportSettings& settings,
             std::string where)
      : lab_(lab),
        process_(process),
        rules_{lab.reference_temperature_c(process), settings.temperature_tolerance_k},
        where_(std::move(where)) {}

  /// A value of this unit as a control; nothing if the platform knows no way.
  [[nodiscard]] std::optional<double> control(const Unit& unit, double base) const {
    if (lab_.even_in_control() && unit.dimension != Dimension::power) base = std::abs(base);
    return lab_.control_of(unit.dimension, base, process_);
  }
  /// The largest control, if all values were of this unit.
  [[nodiscard]] std::optional<double> reach(const Unit& unit, const std::vector<double>& values) const {
    return control(unit, unit.base(largest(values)));
  }
  [[nodiscard]] std::optional<double> strangeness(const Unit& unit, model::CurveTable table) const {
    for (double& value : table.control) {
      const std::optional<double> converted = control(unit, unit.base(value));
      if (!converted) return std::nullopt;
      value = *converted;
    }
    return lab_.strangeness(curves(table), process_);
  }
  [[nodiscard]] model::Curves curves(const model::CurveTable& table) const {
    model::Curves out = model::import_curves(table, rules_, where_);
    for (model::ChipCurves& chip : out.chips) chip.control_unit = lab_.control_unit();
    return out;
  }

  const study::PlatformLab& lab_;
  const platform::Process& process_;
  model::ImportRules rules_;
  std::string where_;
};

/// "--unit control=mA or --unit control=V"
std::string say_unit(const std::vector<std::string>& units) {
  std::vector<std::string> options;
  for (const std::string& unit : units) options.push_back("--unit control=" + unit);
  return join(options, " or ");
}

/// Controls without a unit are the platform's, unless they can hardly be.
void check_assumed(const Conversion& to, const Unit& assumed, const io::MeasuredColumns& columns) {
  const std::vector<double>& values = columns.table.control;
  constexpr double strange_from = 1.5, normal_to = 0.7;
  const double expected = to.lab_.largest_control(to.process_), reach = *to.reach(assumed, values);
  const auto within = [&](double control) { return control >= expected / 4 && control <= 4 * expected; };
  std::vector<std::string> fitting;
  std::string best;
  double least = 0;
  for (const Unit& unit : customary_units()) {
    const std::optional<double> with_unit = to.reach(unit, values);
    if (unit.name == assumed.name || !with_unit || *with_unit < expected / 3 || *with_unit > 1.5 * expected)
      continue;
    fitting.push_back(unit.name);
    const std::optional<double> strange = to.strangeness(unit, columns.table);
    if (strange && (best.empty() || *strange < least)) best = unit.name, least = *strange;
  }
  const std::string said =
      to.where_ + ": the column \"" + columns.control_name + "\" does not say its unit, and ";
  if (!within(reach)) {
    const bool whole = std::all_of(values.begin(), values.end(), [](double v) { return v == std::round(v); });
    if (!best.empty()) fitting = {best};
    if (!best.empty() && whole && least > normal_to) fitting.clear();  // rather codes
    throw InputError(
        said + "its values would reach " + format_short(reach, 3) +
        (assumed.name == "1" ? "" : " " + assumed.name) + ", where the process expects " +
        format_short(expected, 3) + "; say " +
        (fitting.empty() ? say_unit({assumed.name}) + " if they are"
                         : say_unit(fitting) + ", which would fit, or " + say_unit({assumed.name})) +
        (whole && largest(values) > 10 ? "; for codes of a source state the step, as --unit control=" +
                                             format_short(expected / largest(values), 3) + assumed.name
                                       : ""));
  }
  const std::optional<double> strange = to.strangeness(assumed, columns.table);
  if (!strange || best.empty() || *strange < strange_from || least > normal_to || least > *strange / 2)
    return;
  throw InputError(said + "as " + assumed.name + " its curves are none of this process, while as " + best +
                   " they are; say " + say_unit({best}) + ", or " + say_unit({assumed.name}) +
                   " if they are");
}

/// Converts the controls of a table to those of the platform, and says how.
void convert_controls(const Conversion& to, io::MeasuredColumns& columns, Told& told) {
  const std::string own = to.lab_.control_unit();
  const Unit assumed = *read_unit(own);
  const Unit unit = columns.control_unit.value_or(assumed);
  const auto say = [&](const std::string& text) { told.say(to.where_, text); };
  if (unit.dimension == Dimension::code)
    throw InputError(to.where_ + ": the column \"" + columns.control_name +
                     "\" is of codes; state their step, as --unit control=0.00244mA");
  std::vector<double>& values = columns.table.control;
  if (!columns.control_unit) {
    check_assumed(to, assumed, columns);
    for (double& value : values) value = assumed.base(value);
    say("the column \"" + columns.control_name + "\" does not say its unit: taken as " + own +
        " (--unit control=… says another)");
  }
  std::size_t negative = 0;
  for (double& value : values) {
    negative += value < 0 ? 1 : 0;
    const std::optional<double> control = to.control(unit, value);
    if (!control)
      throw InputError(
          to.where_ + ": a control of " + format_short(unit.decibel ? value : unit.of_base(value), 4) + " " +
          unit.name + " is no " + own + " of " + to.lab_.platform().elements() + "; expected controls in " +
          own +
          (to.lab_.conversion(to.process_).empty() ? "" : ", or as a voltage or a power of at least 0"));
    value = *control;
  }
  if (negative > 0 && to.lab_.even_in_control())
    say(std::to_string(negative) +
        " controls are negative: heat is even in current, so that they count by size");
  if (unit.dimension == Dimension::voltage || unit.dimension == Dimension::power)
    say("controls in " + unit.name + " became " + own + " through " + to.lab_.conversion(to.process_) +
        "; --set states another");
  const double expected = to.lab_.largest_control(to.process_), reach = largest(values);
  constexpr double impossible = 20;
  if (columns.control_unit && (reach > impossible * expected || reach * impossible < expected))
    throw InputError(to.where_ + ": controls reach " + format_short(reach, 3) + " " + own +
                     ", where the process expects " + format_short(expected, 3) + "; check the unit (" +
                     unit.name + "), or state what the process allows with --set");
}

// ---- responses ----

/// Makes responses linear shares of a full scale, and says how.
void convert_responses(const Conversion& to, const std::optional<double>& full_scale,
                       io::MeasuredColumns& columns, Told& told) {
  const std::optional<Unit>& unit = columns.response_unit;
  const double reach = largest(columns.table.response), expected = to.lab_.largest_response(to.process_);
  const bool is_weight = !unit || unit->dimension == Dimension::number;
  const std::string column = "the column \"" + columns.response_name + "\"";
  if (reach == 0) throw InputError(to.where_ + ": " + column + " is 0 everywhere");
  if (unit && unit->dimension == Dimension::temperature)
    throw InputError(to.where_ + ": " + column + " is in " + unit->name +
                     ", and a response is no temperature");
  double scale = 1;
  if (full_scale) {
    scale = unit ? unit->base(*full_scale) : *full_scale;
    if (!(scale > 0)) throw UsageError("--full-scale: expected more than 0, or a number of dB or dBm");
  } else if (!is_weight) {
    scale = reach / expected;
    told.say(to.where_, column + " is in " + unit->name +
                            ": its largest value became the largest weight of the process, " +
                            format_short(expected, 3) +
                            "; --full-scale states the response of a weight of 1");
  }
  for (double& value : columns.table.response) value /= scale;
  for (double& value : columns.table.sigma) value /= scale;
  const double now = reach / scale;
  constexpr double too_small = 0.02, too_large = 1.6;
  if (now >= too_small * expected && now <= too_large * expected) return;
  throw InputError(
      to.where_ + ": " + column + " reaches " + format_short(now, 3) +
      (full_scale ? " of --full-scale" : "") + ", where the largest response of the process is " +
      format_short(expected, 3) +
      (full_scale ? "; check the unit and --full-scale"
       : unit     ? "; state the response of a weight of 1 with --full-scale, in " + unit->name
                  : "; say its unit, as --unit response=A, V or W, or the response of a weight of 1 with "
                    "--full-scale"));
}

/// Number of readings that repeat an earlier one's device, element, control, temperature and direction.
std::size_t readings_again(const model::CurveTable& table) {
  std::set<std::tuple<std::string_view, std::string_view, double, double, int>> known;
  std::size_t again = 0;
  for (std::size_t row = 0; row < table.rows(); ++row)
    again += known.emplace(table.device.empty() ? std::string_view() : table.device[row], table.element[row],
                           table.control[row], table.temperature_c.empty() ? 0 : table.temperature_c[row],
                           table.direction.empty() ? 0 : table.direction[row])
                     .second
                 ? 0
                 : 1;
  return again;
}

/// Refuses a placement where no imported curves are put on a network.
void check_placeable(const std::string& element_map, bool repeat) {
  if (!element_map.empty() || repeat)
    throw UsageError(std::string(element_map.empty() ? "--repeat-elements" : "--element-map") +
                     ": is for imported curves and a network (--inputs and --layer) to put them on");
}

}  // namespace

study::ElementMap map_of(const std::string& path, cli::Context& context) {
  study::ElementMap map;
  for (const MappedElement& row : read_element_map(path, context))
    for (const std::optional<std::string>& name : {row.element, row.channel})
      if (name) map.emplace_back(*name, row.place);
  return map;
}

ImportSettings::ImportSettings() : platform(importing_labs().front()->platform().word()) {}

void describe_element_map(Options& o, std::string& path) {
  o.input("element-map", path,
          "table that says where the elements of imported curves are: columns element or channel (their name "
          "there), and row and col (perhaps tile), or name, and perhaps layer");
}

void ImportSettings::describe(Options& o) {
  std::vector<std::string> words, elements, polarities;
  for (const study::PlatformLab* lab : importing_labs()) {
    words.push_back(lab->platform().word());
    elements.push_back(lab->platform().elements());
    for (const std::string& word : lab->polarities())
      if (std::find(polarities.begin(), polarities.end(), word) == polarities.end())
        polarities.push_back(word);
  }
  polarities.emplace_back("auto");
  o.group("Import");
  o.inputs("import", tables,
           "table of measured curves, or a folder of such tables: columns element (or row and col), control, "
           "response, and perhaps sigma, temperature, device, direction; or a column or a line an element");
  o.text("columns", columns, "ROLE=NAME,…",
         "columns that are not found by their names, as control=\"I (mA)\",response=\"P (dBm)\"; a number is "
         "the "
         "place of a column, - is none");
  o.text("unit", units, "ROLE=UNIT,…",
         "units of control, response, sigma and temperature where the header does not say them: A, mA, uA, "
         "V, mV, W, mW, uW, dB, dBm, %, 1, degC, K, or the step of a code, as control=0.00244mA");
  o.number("full-scale", full_scale, "X", "response that is a weight of 1, in the unit of the response");
  o.number("temperature-tolerance", temperature_tolerance_k, "K",
           "readings of the temperature with gaps up to this belong to one sweep", Limits::non_negative())
      .later = true;
  o.flag("element-from-name", element_from_name, "take the name of each file as that of its element").later =
      true;
  o.choice("platform", platform, words, "what was measured: curves of " + join(elements, ", or of "));
  o.choice("polarity", polarity, polarities,
           "detector of the imported curves, where their platform has several; auto looks where they start");
  describe_element_map(o, element_map);
  placement.describe(o);
}

void place_imported(io::CurvesFile& file, const std::string& element_map, const study::PlatformLab& lab,
                    const std::string& where, cli::Context& context) {
  if (file.network.empty() || file.curves.chips.empty() ||
      file.curves.chips.front().key != model::imported_chip) {
    check_placeable(element_map, context.asked("repeat-elements"));
    return;
  }
  const network::Resolved network = network::resolve(file.network, file.process);
  if (file.placement.repeat) {
    context.warn(where + ": its " + std::to_string(file.curves.chips.front().elements.size()) +
                 " measured elements stand in turn for all elements of the network");
    return;
  }
  study::ElementMap map;
  if (!element_map.empty()) map = map_of(element_map, context);
  study::Placement placed =
      study::place_curves(file.curves, lab.platform(), network.plans(), file.placement, map, where);
  for (const std::string& note : placed.notes) context.warn(where + ": " + note);
  file.curves = std::move(placed.curves);
}

io::CurvesFile import_curves(const ImportSettings& settings, io::CurvesFile file, cli::Context& context) {
  const study::PlatformLab& lab = study::lab_of(*platform::find_platform(settings.platform));
  if (settings.polarity != "auto" && lab.polarities().empty())
    throw UsageError("--polarity: curves of " + lab.platform().elements() + " have none");
  if (file.network.empty()) check_placeable(settings.element_map, settings.placement.repeat);
  const std::string where = settings.tables.front() == "-" ? "standard input" : settings.tables.front();
  Told told(context);
  io::MeasuredColumns columns = read_tables(settings, told);
  const Conversion conversion(lab, file.process, settings, where);
  convert_controls(conversion, columns, told);
  convert_responses(conversion, settings.full_scale, columns, told);
  const model::TemperatureGroups groups =
      model::group_temperatures(columns.table.temperature_c, settings.temperature_tolerance_k);
  if (!columns.table.device.empty())
    told.say(where, "devices 0, 1 … are " + join(model::distinct_names(columns.table.device), ", "));
  file.curves = conversion.curves(columns.table);
  if (!file.curves.chips.front().reading_temperature_c.data.empty())
    told.warn(where, "the temperature drifted by up to " + format_short(groups.widest_k, 2) +
                         " K within a sweep: fits take that of each reading");
  else if (groups.widest_k > 0)
    told.say(where, "temperatures were read at every point: " + std::to_string(groups.mean_c.size()) +
                        " sweeps, readings of one up to " + format_short(groups.widest_k, 2) +
                        " K apart, which is their noise: the mean of each sweep is taken");
  for (model::ChipCurves& chip : file.curves.chips) chip.platform = settings.platform;
  lab.take_polarity(file.curves, settings.polarity, where, file.process);
  if (const std::size_t again = readings_again(columns.table); again > 0)
    told.warn(where,
              std::to_string(again) +
                  " readings are of an element, a control and a temperature that were read before, and "
                  "were put together; if two elements have one name, give each its own, and if a sweep "
                  "went up and down, give a column direction");
  file.notes = std::move(told).kept();
  file.placement = settings.placement;
  place_imported(file, settings.element_map, lab, where, context);
  return file;
}

}  // namespace pnn::app
