#include "pnn/app/control_export.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <utility>

#include "pnn/app/element_map.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/unit.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platform/bounds.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/placement.hpp"

namespace pnn::app {
namespace {

using platform::ControlBounds;
using platform::LayerPlan;

constexpr const char* units_of_unit = "A, mA, uA, V, mV, W, mW, uW, %, or a stated step, as code=0.00244mA";

/// The unit of --unit, as it is written.
struct StatedUnit {
  std::string said;          ///< as the user wrote it
  std::string text;          ///< without the step; "mA"
  std::optional<Unit> unit;  ///< nothing for a unit that is none of core/unit: that of a port, as rad
  std::optional<double> step;
};

StatedUnit read_stated(std::string text) {
  StatedUnit out;
  out.said = text;
  constexpr std::string_view code = "code=";
  const bool codes = text.starts_with(code);
  if (codes) text.erase(0, code.size());
  std::size_t end = text.find_first_not_of("0123456789.+-eE");
  if (end == std::string::npos) end = codes ? text.size() : 0;  // "1" is a unit
  if (end > 0) {
    out.step = parse_number(std::string_view(text).substr(0, end), "--unit");
    if (!(*out.step > 0)) throw UsageError("--unit: expected a step above 0, found \"" + text + "\"");
    text.erase(0, end);
  }
  out.text = trim(text);
  out.unit = read_unit(out.text);
  if (out.unit && out.unit->dimension == Dimension::code)
    throw UsageError("--unit " + out.text + ": the size of a step is missing; state it, as code=0.00244mA");
  if (codes && !out.step)
    throw UsageError("--unit code=" + text + ": expected the size of a step and its unit, as code=0.00244mA");
  return out;
}

/// Converts the controls of one layer to the unit of an instrument.
class OutgoingConversion {
 public:
  OutgoingConversion(const StatedUnit& stated, const LayerPlan& plan, const platform::Process& process)
      : stated_(stated),
        plan_(plan),
        process_(process),
        lab_(study::lab_of(plan.platform())),
        own_(plan.controls_port().unit),
        same_(stated.text.empty() || stated.text == own_) {
    const bool dimensionless = own_ == "1";
    if ((stated.step && stated.text.empty() && !dimensionless) || !convert(plan.source(process, {}).upper))
      throw UsageError("--unit " + stated.said + ": controls of layer " + plan.name() + " are in " + own_ +
                       " and have no such value; expected " + own_ + ", a step of it (code=0.01" +
                       (dimensionless ? "" : own_) + ")" +
                       (lab_.conversion(process).empty() ? "" : std::string(" or one of ") + units_of_unit) +
                       "; --only-layers leaves layers out");
  }
  /// The unit in the table.
  [[nodiscard]] std::string unit() const {
    return stated_.step ? "code" : stated_.text.empty() || same_ ? own_ : stated_.unit->name;
  }
  [[nodiscard]] bool through_process() const { return !same_ && own_ != "1"; }
  /// A control in the unit of the table, within `bounds` where they leave a choice; nothing where it has no
  /// value.
  [[nodiscard]] std::optional<double> operator()(double control, double lower, double upper) const {
    std::optional<double> value = convert(control);
    if (!value || !stated_.step) return value;
    const double nearest = std::nearbyint(*value / *stated_.step);
    const auto code_at = [&](double end, double (*round)(double), double none) {
      const std::optional<double> there = std::isfinite(end) ? convert(end) : std::nullopt;
      return there ? round(*there / *stated_.step) : none;
    };
    constexpr double far = std::numeric_limits<double>::infinity();
    const double first = code_at(lower, std::ceil, -far), last = code_at(upper, std::floor, far);
    return first <= last ? std::clamp(nearest, first, last) : nearest;  // a held control has no choice
  }

 private:
  [[nodiscard]] std::optional<double> convert(double control) const {
    if (same_) return control;
    if (!stated_.unit || stated_.unit->decibel || stated_.unit->dimension == Dimension::temperature)
      return std::nullopt;
    std::optional<double> base = lab_.stated_control(stated_.unit->dimension, control, process_);
    if (own_ == "1" && stated_.unit->dimension == Dimension::number) base = control;
    return base ? std::optional(stated_.unit->of_base(*base)) : std::nullopt;
  }

  const StatedUnit& stated_;
  const LayerPlan& plan_;
  const platform::Process& process_;
  const study::PlatformLab& lab_;
  std::string own_;
  bool same_;
};

/// The shortest text that reads back as the same number: of a float, where it is one.
std::string shortest(double value) {
  if (double(float(value)) != value) return format_number(value);
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, float(value)).ptr};
}

/// The angle in [lower, lower + 2π) that differs by whole turns.
double wrapped(double angle, double lower) {
  constexpr double turn = 2 * std::numbers::pi;
  const double out = angle - turn * std::floor((angle - lower) / turn);
  return out >= lower && out < lower + turn ? out : lower;
}

/// The channels of a map file by physical element.
class Channels {
 public:
  Channels(const std::string& path, const std::vector<platform::AnyPlan>& plans, cli::Context& context)
      : path_(path) {
    std::map<std::string, std::set<Element>> places;
    std::string example;
    for (const LayerPlan& plan : plans) {
      const std::vector<std::string> names = plan.element_names();
      if (example.empty()) example = names.front();
      for (std::size_t k = 0; k < names.size(); ++k)
        for (const std::string& before : {std::string(), plan.name(), plan.chip_key()})
          places[study::comparable_name(before + " " + names[k])].insert({plan.chip_key(), k});
    }
    Complaints complaints(path);
    std::map<std::string, std::size_t> line_of_channel;
    for (const MappedElement& row : read_element_map(path, context)) {
      if (!row.channel) throw InputError(path + ": expected a column channel");
      const std::string line = "line " + std::to_string(row.line) + ": ";
      const std::set<Element>& found = places[study::comparable_name(row.place)];
      if (found.empty()) {
        complaints.add(line + "the network has no element \"" + row.place + "\"; its names are as \"" +
                       example + "\"");
      } else if (found.size() > 1) {
        complaints.add(line + std::to_string(found.size()) + " chips of the network have an element \"" +
                       row.place + "\"; give a column layer");
      } else if (row.channel->empty()) {
        complaints.add(line + "no channel of " + row.place);
      } else if (const auto [other, fresh] = line_of_channel.emplace(*row.channel, row.line); !fresh) {
        complaints.add(line + "the channel " + *row.channel + " is that of line " +
                       std::to_string(other->second) + " too");
      } else if (!of_.emplace(*found.begin(), *row.channel).second) {
        complaints.add(line + "a second channel of " + row.place);
      }
    }
    complaints.raise();
  }
  /// The channel of an element, empty if it has none.
  [[nodiscard]] std::string of(const LayerPlan& plan, std::size_t element) {
    const auto found = of_.find({plan.chip_key(), element});
    if (found != of_.end()) return found->second;
    missing_.emplace(Element{plan.chip_key(), element}, plan.name() + " " + plan.element_names()[element]);
    return {};
  }
  /// Throws InputError if of() found no channel for an element.
  void check_missing() const {
    if (missing_.empty()) return;
    throw InputError(path_ + ": " + std::to_string(missing_.size()) +
                     (missing_.size() == 1 ? " element has" : " elements have") +
                     " no channel, the first is " + missing_.begin()->second +
                     "; add a row for each, or leave layers out with --only-layers");
  }

 private:
  using Element = std::pair<std::string, std::size_t>;  ///< key of the chip, number on it
  std::string path_;
  std::map<Element, std::string> of_;
  std::map<Element, std::string> missing_;  ///< with its name
};

/// The element of each control, among `count` of its chip. Several controls of one element stand in a row.
std::vector<std::size_t> elements_of(std::span<const std::uint32_t> element_of_control, std::size_t count) {
  std::vector<std::size_t> out(element_of_control.begin(), element_of_control.end());
  if (out.empty()) return out;
  const std::size_t places = 1 + *std::max_element(out.begin(), out.end());
  if (places <= count) return out;
  require(places % count == 0, "elements have equally many controls");
  for (std::size_t& element : out) element /= places / count;
  return out;
}

/// Name of an axis as a column: one that is called as the values are is an index.
std::string column_of(const std::string& axis) {
  return axis == "control" ? "index" : axis;
}

/// The rows of one layer.
class LayerRows {
 public:
  io::ColumnTable table;

  LayerRows(const platform::Port& port, bool channels)
      : shape_(port.shape), index_(port.shape.size(), 0), channels_(channels) {
    using enum io::Column::Kind;
    table.add("layer", text);
    table.add("element", text);
    for (const std::string& axis : port.axes) table.add(column_of(axis), whole);
    table.add("slot", whole);
    table.add("control", real64);
    table.add("unit", text);
    if (channels) table.add("channel", text);
  }
  /// Rows must be added in the order of the controls.
  void add(const std::string& layer, const std::string& element, std::size_t slot, double control,
           const std::string& unit, const std::string& channel) {
    auto column = table.columns.begin();
    (column++)->texts.push_back(layer);
    (column++)->texts.push_back(element);
    for (const std::size_t place : index_) (column++)->numbers.push_back(double(place));
    (column++)->numbers.push_back(double(slot));
    // a control that is as the parameters have it is written as the float that it is
    if (double(float(control)) != control) all_floats_ = false;
    column->kind = all_floats_ ? io::Column::Kind::real32 : io::Column::Kind::real64;
    (column++)->numbers.push_back(control);
    (column++)->texts.push_back(unit);
    if (channels_) column->texts.push_back(channel);
    for (std::size_t axis = index_.size(); axis-- > 0 && ++index_[axis] == shape_[axis];) index_[axis] = 0;
  }

 private:
  std::vector<std::size_t> shape_, index_;
  bool channels_, all_floats_ = true;
};

/// Moves the axes of later layers in front of the columns that all layers have.
void order_columns(io::ColumnTable& table) {
  const auto first = std::find_if(table.columns.begin(), table.columns.end(),
                                  [](const io::Column& column) { return column.name == "slot"; });
  std::stable_partition(first, table.columns.end(), [](const io::Column& column) {
    return column.name != "slot" && column.name != "control" && column.name != "unit" &&
           column.name != "channel";
  });
}

std::string range_text(double lower, double upper, const std::string& unit) {
  return shortest(lower) + " to " + shortest(upper) + " " + unit;
}

}  // namespace

void ExportSettings::describe(Options& o) {
  o.text(
      "unit", unit, "UNIT",
      std::string("unit of the instrument: ") + units_of_unit + "; otherwise each layer's own (mA, rad, 1)");
  o.text("only-layers", layers, "NAMES", "comma list of physical layers (LAYER,LAYER); all if empty");
  o.list("limits", limits, "[LAYER=]LOWER:UPPER",
         "range that the instrument or the chip allows, in the layer's own unit, as 0:4.5 (mA, rad, 1) or "
         "LAYER=0:3.14: a control beyond it is refused");
  o.flag("wrap", wrap, "move phases by whole turns into the turn from 0, or into the range of --limits");
  o.input(
      "element-map", element_map,
      "table that says which channel drives which element: columns channel, and row and col (perhaps tile) "
      "or name, and perhaps layer");
}

io::ColumnTable export_controls(const train::Params& params, const std::string& path,
                                const ExportSettings& settings, cli::Context& context) {
  const std::vector<platform::AnyPlan> plans = network::resolve(params.network, params.process).plans();
  const std::vector<bool> chosen = platform::select_layers(platform::layer_names(plans), settings.layers);
  const StatedUnit stated = read_stated(settings.unit);
  const std::vector<ControlBounds> source = platform::source_bounds(plans, params.process);
  std::vector<ControlBounds> kept = source, allowed = source;
  platform::intersect(kept, params.bounds);
  platform::apply_limits(allowed, plans, settings.limits);
  std::optional<Channels> channels;
  if (!settings.element_map.empty()) channels.emplace(settings.element_map, plans, context);
  const model::Model nominal = model::nominal_model(plans, params.process);

  io::ColumnTable all;
  Complaints complaints(path);
  std::set<std::string> through;
  bool angles = false;
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    if (!chosen[layer]) continue;
    const LayerPlan& plan = plans[layer];
    const platform::Port port = plan.controls_port();
    const study::PlatformLab& lab = study::lab_of(plan.platform());
    const OutgoingConversion convert(stated, plan, params.process);
    if (convert.through_process()) through.insert(lab.stated_through(params.process));
    angles = angles || plan.periodic();
    const auto found = std::find_if(params.controls.begin(), params.controls.end(),
                                    [&](const train::Tensor& t) { return t.name == plan.name(); });
    require(found != params.controls.end(), "controls of every layer");
    std::unique_ptr<platform::TransferMap<float>> map;
    plan.make_model_map(params.process, model::chip_of(nominal, plan, 0), 0, map);
    const std::vector<std::string> names = plan.element_names();
    const std::vector<std::size_t> element_of = elements_of(map->element_of_control(), names.size());
    const std::vector<std::size_t> slots = lab.slots(plan);
    LayerRows rows(port, channels.has_value());
    std::size_t outside = 0, last_outside = 0;
    std::string first;
    const auto refuse = [&](std::size_t k, double control, const std::string& why) {
      if (outside > 0 && last_outside == k) return;  // for another reason too
      last_outside = k;
      if (outside++ > 0) return;
      first = names[element_of[k]] + " (control " + std::to_string(k) + ") is at " + shortest(control) + " " +
              port.unit + ", " + why;
    };
    for (std::size_t k = 0; k < std::size_t(plan.controls()); ++k) {
      double control = found->values.data[k];
      const double lower = allowed[layer].lower[k], upper = allowed[layer].upper[k];
      if (!std::isfinite(control)) {
        refuse(k, control, "which is no number");
      } else if (control < kept[layer].lower[k] || control > kept[layer].upper[k]) {
        refuse(k, control,
               "outside the range in which it was trained, " +
                   range_text(kept[layer].lower[k], kept[layer].upper[k], port.unit));
      }
      if (settings.wrap && plan.periodic() && !(std::isfinite(lower) && control >= lower && control <= upper))
        control = wrapped(control, std::isfinite(lower) ? lower : 0);
      if (control < lower || control > upper)
        refuse(k, control,
               "outside --limits, " + range_text(lower, upper, port.unit) +
                   (plan.periodic() && !settings.wrap ? " (--wrap moves phases by whole turns)" : ""));
      const std::optional<double> value = convert(control, std::max(lower, double(kept[layer].lower[k])),
                                                  std::min(upper, double(kept[layer].upper[k])));
      if (!value)
        refuse(k, control,
               std::string("which has no value in ") + stated.text +
                   (plan.periodic() && !settings.wrap ? " (--wrap moves phases into one turn)" : ""));
      rows.add(plan.name(), names[element_of[k]], slots[k], value.value_or(0), convert.unit(),
               channels ? channels->of(plan, element_of[k]) : "");
    }
    all.append(rows.table);
    if (outside > 0)
      complaints.add(std::to_string(outside) + " of the " + std::to_string(plan.controls()) +
                     " controls of layer " + plan.name() + " cannot be sent: " + first);
  }
  if (settings.wrap && !angles) throw UsageError("--wrap: no exported layer has phases");
  complaints.raise();
  if (channels) channels->check_missing();
  for (const std::string& values : through)
    context.progress().say(path + ": controls became " + stated.said + " through " + values +
                           " of its process, and not through what was measured of single elements");
  order_columns(all);
  return all;
}

}  // namespace pnn::app
