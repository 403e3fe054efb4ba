#include "pnn/app/curve_import.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "pnn/app/curve_units.hpp"
#include "pnn/app/element_map.hpp"
#include "pnn/app/table_notes.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/curve_columns.hpp"
#include "pnn/io/descriptor.hpp"
#include "pnn/io/plain_text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/io/table.hpp"
#include "pnn/model/import.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::app {
namespace {

std::vector<const study::PlatformLab*> importing_labs() {
  std::vector<const study::PlatformLab*> all;
  for (const study::PlatformLab* lab : study::labs())
    if (lab->imports()) all.push_back(lab);
  return all;
}

const std::vector<std::string> table_endings = {".csv", ".tsv", ".txt", ".dat",
                                                ".lvm", ".npy", ".npz", ".mat"};

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

/// Refuses units of columns that no table has.
void check_units(const std::vector<std::pair<io::Role, Unit>>& units, const std::vector<io::Role>& roles) {
  for (const auto& [role, unit] : units)
    if (std::find(roles.begin(), roles.end(), role) == roles.end())
      throw UsageError("--unit " + word_of(role) + "=" + unit.name + ": no column is the " + word_of(role) +
                       "; --columns " + word_of(role) + "=… says which is");
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
  append(all.roles, std::move(one.roles));
  append(to.element, std::move(from.element));
  append(to.control, std::move(from.control));
  append(to.response, std::move(from.response));
  append(to.sigma, std::move(from.sigma));
  append(to.temperature_c, std::move(from.temperature_c));
  append(to.device, std::move(from.device));
  append(to.direction, std::move(from.direction));
}

/// Whether columns of the table name its elements, or are some.
bool names_elements(const io::MeasuredColumns& columns) {
  return std::any_of(columns.roles.begin(), columns.roles.end(),
                     [](io::Role role) { return role == io::Role::element || role == io::Role::row; }) ||
         model::distinct_names(columns.table.element).size() > 1;
}

/// Takes texts out of `files` that stand in a folder beside tables and hold no readings ("readme.txt"), and
/// says so. Throws InputError, "FOLDER: NOTHING", where nothing is left.
void pass_over_texts(std::vector<std::string>& files, const std::vector<std::string>& named,
                     const std::string& nothing, Told& told) {
  constexpr std::size_t largest = std::size_t{1} << 20;  // of a text that people write
  std::error_code error;
  std::vector<std::string> texts;
  std::erase_if(files, [&](const std::string& path) {
    const bool may_be_text = path.ends_with(".txt") || path.ends_with(".dat");
    if (!may_be_text || std::find(named.begin(), named.end(), path) != named.end() ||
        std::filesystem::file_size(path, error) > largest)
      return false;
    std::vector<std::string> notes;
    const std::string text = io::to_utf8(io::read_bytes(path, largest), path, notes);
    if (text.empty() || io::has_readings(text)) return false;
    texts.push_back(path);
    return true;
  });
  if (texts.empty()) return;
  if (files.empty()) throw InputError(named.front() + ": " + nothing);
  told.warn(named.front(), std::to_string(texts.size()) +
                               (texts.size() == 1 ? " file holds" : " files hold") + " no readings and " +
                               (texts.size() == 1 ? "was" : "were") + " passed over: " + join(texts, ", "));
}

/// Refuses the files of these tools, which need no import, and says who reads them.
void refuse_own(const std::string& path) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return;  // a pipe is read once
  std::string head(signature.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(head.data(), std::streamsize(head.size())) || head != signature) return;
  const std::string type = io::filetype_of(path);
  throw InputError(path + ": a file of type " + type + " of these tools, which needs no import; " +
                   (type == "curves" ? "fit its curves with pnn-fit " + path
                                     : "pnn-info " + path + " tells what it holds"));
}

io::MeasuredColumns read_tables(const ImportSettings& settings, Told& told) {
  const std::string nothing = "a folder without tables (" + join(table_endings, ", ") + ", plain or .gz)";
  std::vector<std::string> files = files_of(settings.tables, is_table, nothing);
  pass_over_texts(files, settings.tables, nothing, told);
  for (const std::string& file : files) refuse_own(file);
  io::ColumnSettings columns;
  if (!settings.columns.empty()) columns.columns = io::read_column_names(settings.columns);
  if (!settings.units.empty()) columns.units = io::read_column_units(settings.units);
  std::map<std::string, std::string> with_name, first_in;
  io::MeasuredColumns all;
  for (std::size_t k = 0; k < files.size(); ++k) {
    const io::Table table = io::read_table(files[k], io::Layout::curves);
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
                                ", are in another table too: their readings were put together" +
                                (names_elements(one) || settings.element_from_name
                                     ? ""
                                     : "; if each table is of one element, say --element-from-name"));
    if (k == 0) {
      all = std::move(one);
    } else {
      std::erase_if(all.idle, [&](io::Role role) {
        return std::find(one.idle.begin(), one.idle.end(), role) == one.idle.end();
      });
      add(all, std::move(one), files[k]);
    }
  }
  check_units(columns.units, all.roles);
  if (!all.idle.empty())
    throw UsageError("--columns " + word_of(all.idle.front()) +
                     "=-: acts on nothing here; no column would be the " + word_of(all.idle.front()));
  return all;
}

/// Number of readings that repeat an earlier one's device, element, control with its sign, temperature and
/// direction; of sweeps to either sign, both may begin at 0.
std::size_t readings_again(const model::CurveTable& table) {
  std::set<std::tuple<std::string_view, std::string_view, double, double, int>> known;
  const bool either_sign =
      std::any_of(table.control.begin(), table.control.end(), [](double value) { return value < 0; });
  std::size_t again = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (either_sign && table.control[row] == 0) continue;
    again += known.emplace(table.device.empty() ? std::string_view() : table.device[row], table.element[row],
                           table.control[row], table.temperature_c.empty() ? 0 : table.temperature_c[row],
                           table.direction.empty() ? 0 : table.direction[row])
                     .second
                 ? 0
                 : 1;
  }
  return again;
}

/// Says at which temperature curves are whose table does not.
void tell_temperature(const io::MeasuredColumns& columns, const ImportSettings& settings, double reference_c,
                      const std::string& where, Told& told) {
  if (!columns.table.temperature_c.empty()) return;
  if (told.context().asked("temperature-tolerance"))
    throw UsageError("--temperature-tolerance " + format_number(settings.temperature_tolerance_k) +
                     ": acts on nothing here; no column is the temperature");
  told.say(where, "no column is the temperature: all curves are taken as of " + format_short(reference_c, 4) +
                      " °C, that of the process (--columns temperature=… says which column is)");
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
  if (columns.two_ports && settings.polarity != "auto" && settings.polarity != lab.polarities().front()) {
    for (double& value : columns.table.response) value = -value;
    told.say(where, "the response is the through port less the drop port, as --polarity " +
                        settings.polarity + " says");
  }
  const std::size_t again = readings_again(columns.table);  // before negative currents lose their sign
  const Conversion conversion(lab, file.process, settings.temperature_tolerance_k, where);
  conversion.convert_controls(columns, told);
  conversion.convert_responses(settings.full_scale, columns, told);
  tell_temperature(columns, settings, lab.reference_temperature_c(file.process), where, told);
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
                        (groups.mean_c.size() == 1 ? " sweep" : " sweeps") + ", readings of one up to " +
                        format_short(groups.widest_k, 2) +
                        " K apart, which is their noise: the mean of each sweep is taken");
  for (model::ChipCurves& chip : file.curves.chips) chip.platform = settings.platform;
  const platform::Process before = file.process;
  lab.take_polarity(file.curves, settings.polarity, where, file.process);
  for (const platform::ProcessField& field : platform::process_fields())
    if (settings.polarity == "auto" && field.of(before) != field.of(file.process))
      told.say(where, "the sign of the curves is that of another detector than the process had: " +
                          field.name + " was changed (--polarity states it)");
  if (again > 0)
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
