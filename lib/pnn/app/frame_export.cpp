#include "pnn/app/frame_export.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <numbers>
#include <optional>
#include <vector>

#include "pnn/app/table_output.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/png_output.hpp"
#include "pnn/io/table.hpp"
#include "pnn/network/network.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::app {
namespace {

constexpr double turn = 2 * std::numbers::pi;

unsigned highest_level(FrameFormat format) {
  return format == FrameFormat::grey8 ? 255 : 1023;
}

/// What the levels of pixels do: phases in rad, or transmissions.
class GreyTable {
 public:
  /// Level g of 2^bits is the phase 2πg/2^bits, or the transmission g/(2^bits − 1).
  GreyTable(unsigned highest, bool phases) : phases_(phases) {
    for (unsigned g = 0; g <= highest; ++g) {
      levels_.push_back(g);
      values_.push_back(phases ? turn * g / (highest + 1) : double(g) / highest);
    }
    check(highest);
  }
  GreyTable(const std::string& path, unsigned highest, bool phases, cli::Context& context)
      : phases_(phases), path_(path) {
    const io::Table table = io::read_table(path);
    context.parent("gamma", "csv", table.hash, {});
    const std::string wanted =
        std::string(": expected two columns, level and ") + (phases ? "phase (rad)" : "transmission");
    if (table.header.size() != 2)
      throw InputError(path + wanted + ", found " + std::to_string(table.header.size()));
    const bool first = names(table.header[0], {"level", "grey", "gray"}),
               second = names(table.header[1], {"level", "grey", "gray"});
    if (first == second)
      throw InputError(path + wanted + ", found \"" + table.header[0] + "\" and \"" + table.header[1] + "\"");
    const std::string& name = table.header[first ? 1 : 0];
    if (!phases && names(name, {"phase", "(rad", "[rad", "(deg", "[deg", "(pi", "[pi"}))
      throw InputError(path + ": the column \"" + name +
                       "\" is of phases, and the controls to be shown are transmissions; give a table of the "
                       "power that each level lets through, as \"level,power (uW)\"");
    levels_ = table.numbers(first ? 0 : 1);
    values_ = table.numbers(first ? 1 : 0);
    const double unit = phases ? phase_unit(name) : 1;
    for (double& value : values_) value *= unit;
    check(highest);
    if (phases) return;
    const double dark = std::min(values_.front(), values_.back()),
                 bright = std::max(values_.front(), values_.back());
    for (double& value : values_) value = (value - dark) / (bright - dark);
  }

  /// The nearest level for a value; nothing if it is out of reach.
  [[nodiscard]] std::optional<unsigned> level(double value) const {
    const auto [first, last] = std::minmax(values_.front(), values_.back());
    if (phases_) {
      value -= turn * std::floor((value - first) / turn);
      // in the gap between the ends the nearer one serves if it is as near as levels are to each other
      if (value > last) {
        const double above = value - last, below = first + turn - value;
        if (std::min(above, below) > step_) return std::nullopt;
        return end(above < below ? last : first);
      }
    } else if (value < first || value > last) {
      return std::nullopt;
    }
    const bool rises = values_.back() > values_.front();
    const auto beyond = std::partition_point(values_.begin() + 1, values_.end() - 1,
                                             [&](double v) { return rises ? v < value : v > value; });
    const auto k = std::size_t(beyond - values_.begin());
    const double share = (value - values_[k - 1]) / (values_[k] - values_[k - 1]);
    return unsigned(std::lround(levels_[k - 1] + share * (levels_[k] - levels_[k - 1])));
  }
  [[nodiscard]] double range() const { return std::abs(values_.back() - values_.front()); }

 private:
  /// The level at one end of the values.
  [[nodiscard]] unsigned end(double value) const {
    return unsigned(std::lround(value == values_.front() ? levels_.front() : levels_.back()));
  }

  /// Whether a column's name has one of these words, in small letters or large ones.
  [[nodiscard]] static bool names(const std::string& name, std::initializer_list<const char*> words) {
    const std::string lower = lower_case(name);
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return lower.find(word) != std::string::npos; });
  }

  /// Radians in one of the unit in the brackets of a name.
  [[nodiscard]] double phase_unit(const std::string& name) const {
    const std::size_t open = name.find_first_of("([");
    std::string unit = open == std::string::npos ? "" : name.substr(open + 1, name.size() - open - 2);
    if (unit == "rad") return 1;
    if (unit == "deg") return turn / 360;
    if (unit == "pi") return std::numbers::pi;
    throw InputError(path_ + ": the column \"" + name +
                     "\" must say its unit: phase (rad), phase (deg) or phase (pi)");
  }

  void check(unsigned highest) {
    if (levels_.size() < 2) throw InputError(path_ + ": expected two levels or more");
    const bool rises = values_[1] > values_[0];
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      if (levels_[k] != std::round(levels_[k]) || levels_[k] < 0 || levels_[k] > highest)
        throw InputError(path_ + ": level " + format_number(levels_[k]) +
                         ": expected a whole number from 0 to " + std::to_string(highest) +
                         " (--frame-format)");
      if (k == 0) continue;
      const std::string at =
          " from level " + format_number(levels_[k - 1]) + " to " + format_number(levels_[k]);
      if (levels_[k] <= levels_[k - 1])
        throw InputError(path_ + ": levels do not rise" + at + "; sort the rows");
      if (values_[k] == values_[k - 1] || (values_[k] > values_[k - 1]) != rises)
        throw InputError(path_ + ": the values are not monotone: they " + (rises ? "rise" : "fall") +
                         " at first, and not" + at +
                         "; leave out the levels beyond the turning point, or average readings");
      step_ = std::max(step_, std::abs(values_[k] - values_[k - 1]) / (levels_[k] - levels_[k - 1]));
    }
    if (phases_ && range() > turn + step_)
      throw InputError(path_ + ": phases over " + format_short(range() / turn, 3) +
                       " turns; leave out the levels beyond one");
  }

  bool phases_;
  std::string path_;
  std::vector<double> levels_, values_;
  double step_ = 0;  ///< the largest distance of the values of two neighbouring levels
};

struct Size {
  std::size_t width = 0, height = 0;
};

Size read_panel(const std::string& text) {
  const std::vector<std::string> sides = split(text, 'x');
  if (sides.size() != 2)
    throw UsageError("--panel: expected WIDTHxHEIGHT, as 1920x1080, found \"" + text + "\"");
  constexpr std::int64_t largest = 1 << 14;
  const std::int64_t width = parse_integer(sides[0], "--panel"), height = parse_integer(sides[1], "--panel");
  if (width < 1 || height < 1 || width > largest || height > largest)
    throw UsageError("--panel: expected sides from 1 to " + std::to_string(largest) + " px");
  return {std::size_t(width), std::size_t(height)};
}

/// The picture of one frame in the middle of a panel.
io::LevelPicture picture_of(const study::Frame& frame, const std::vector<unsigned>& level_of, unsigned rest,
                            Size panel, FrameFormat format) {
  io::LevelPicture picture;
  picture.width = panel.width, picture.height = panel.height;
  picture.channels = format == FrameFormat::rgb334 ? 3 : 1;
  picture.wide = format == FrameFormat::grey10;
  const std::size_t left = (panel.width - frame.width) / 2, top = (panel.height - frame.height) / 2;
  for (std::size_t y = 0; y < panel.height; ++y) {
    for (std::size_t x = 0; x < panel.width; ++x) {
      const bool inside = x >= left && x - left < frame.width && y >= top && y - top < frame.height;
      const std::int64_t control = inside ? frame.control[(y - top) * frame.width + x - left] : -1;
      const unsigned level = control < 0 ? rest : level_of[std::size_t(control)];
      if (format == FrameFormat::rgb334) {
        for (const unsigned part : {level >> 7U << 5U, (level >> 4U & 7U) << 5U, (level & 15U) << 4U})
          picture.values.push_back(std::uint16_t(part));
      } else {
        picture.values.push_back(std::uint16_t(level));
      }
    }
  }
  return picture;
}

}  // namespace

void FrameSettings::describe(Options& o) {
  o.text("frames", folder, "FOLDER",
         "write the pictures that set layers whose controls are pixels to "
         "FOLDER/LAYER-NAME.png");
  const std::size_t first = o.all().size();
  o.choice("frame-format", format, "how a level stands in a PNG file");
  o.input(
      "gamma-table", grey_table,
      "CSV table of what levels do, measured: columns level, and phase (rad), (deg) or (pi), or transmission "
      "(in any unit; from the darkest to the brightest level counts as 0 to 1); levels between its rows are "
      "interpolated");
  o.text("panel", panel, "WxH", "size of the screen in px; pictures stand in its middle");
  o.idle_since(first, [this] { return folder.empty() ? "no pictures are made (--frames)" : ""; });
}

void export_frames(const train::Params& params, const std::string& path, const ExportSettings& exported,
                   const FrameSettings& settings, cli::Context& context) {
  namespace fs = std::filesystem;
  const io::ColumnTable controls = export_controls(params, path, exported, context);
  const auto column = [&](const char* name) {
    return std::find_if(controls.columns.begin(), controls.columns.end(),
                        [&](const io::Column& one) { return one.name == name; });
  };
  const unsigned highest = highest_level(settings.format);
  std::vector<std::pair<std::string, std::string>> files;
  Complaints complaints(path);
  cli::Report& report = context.report();
  report.columns({"file", "layer", "width", "height"});
  for (const platform::AnyPlan& any : network::resolve(params.network, params.process).plans()) {
    const platform::LayerPlan& plan = any;
    const std::vector<study::Frame> frames = study::lab_of(plan.platform()).frames(plan);
    std::vector<double> values;
    for (std::size_t row = 0; row < controls.rows(); ++row)
      if (column("layer")->texts[row] == plan.name()) values.push_back(column("control")->numbers[row]);
    if (values.empty()) continue;  // not chosen
    if (frames.empty())
      throw UsageError("--frames: layer " + plan.name() +
                       " has no controls that are pixels; --only-layers leaves layers out");
    const bool phases = plan.periodic();
    const GreyTable grey = settings.grey_table.empty()
                               ? GreyTable(highest, phases)
                               : GreyTable(settings.grey_table, highest, phases, context);
    std::vector<unsigned> level_of;
    std::size_t beyond = 0;
    double first = 0;
    for (const double value : values) {
      const std::optional<unsigned> level = grey.level(value);
      if (!level && beyond++ == 0) first = value;
      level_of.push_back(level.value_or(0));
    }
    if (beyond > 0)
      complaints.add(std::to_string(beyond) + " of the " + std::to_string(values.size()) +
                     " controls of layer " + plan.name() + " cannot be shown, the first is " +
                     format_short(first) + " " + plan.controls_port().unit +
                     (phases ? ": the table covers " + format_short(grey.range() / turn, 3) +
                                   " of a turn; train within it (pnn-train --limits)"
                             : ""));
    const unsigned rest = grey.level(0).value_or(0);
    for (const study::Frame& frame : frames) {
      const Size panel =
          settings.panel.empty() ? Size{frame.width, frame.height} : read_panel(settings.panel);
      if (panel.width < frame.width || panel.height < frame.height)
        throw UsageError("--panel " + settings.panel + ": " + plan.name() + " needs " +
                         std::to_string(frame.width) + "x" + std::to_string(frame.height) + " px");
      const std::string file =
          (fs::path(settings.folder) / (plan.name() + "-" + frame.name + ".png")).string();
      files.emplace_back(file, io::png_of(picture_of(frame, level_of, rest, panel, settings.format)));
      report.row({file, plan.name(), std::to_string(panel.width), std::to_string(panel.height)});
    }
  }
  complaints.raise();
  std::error_code error;
  fs::create_directory(settings.folder, error);
  std::vector<std::string> names;
  for (const auto& [file, bytes] : files) context.check_output(file), names.push_back(file);
  for (const auto& [file, bytes] : files) write_text(file, bytes);
  report.value("frames", names);
}

}  // namespace pnn::app
