#include "pnn/app/spectrum_import.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "pnn/app/spectrum_conditions.hpp"
#include "pnn/app/table_notes.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/lower_case.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/unit.hpp"
#include "pnn/io/spectrum_files.hpp"

namespace pnn::app {
namespace {

using model::BusPort;
using model::Spectrum;

/// Importer of one file at a time.
class Importer {
 public:
  Importer(const SpectrumSettings& settings, cli::Context& context)
      : settings_(settings),
        context_(context),
        channels_(stated_channels(settings.channels)),
        conditions_(stated_conditions(settings.conditions)) {
    if (std::adjacent_find(settings.lasers_nm.begin(), settings.lasers_nm.end(), std::greater_equal<>()) !=
            settings.lasers_nm.end() ||
        (!settings.lasers_nm.empty() && settings.lasers_nm.front() <= 0))
      throw UsageError("--lasers: expected rising wavelengths in nm");
    if (!settings.unit.empty()) {
      unit_ = read_unit(settings.unit);
      if (!unit_)
        throw UsageError("--spectrum-unit: expected dB, dBm, W, mW, uW, A, V or 1, found \"" + settings.unit +
                         "\"");
    }
  }

  void take(const std::string& path) {
    io::SpectrumFile file = io::read_spectrum_file(path);
    context_.parent("import", "csv", file.hash, {});
    for (const io::Note& note : file.notes) tell(path, note);
    if (file.heater) return take_heater(file);
    std::vector<std::string> names;
    for (const io::SpectrumChannel& channel : file.channels) names.push_back(channel.name);
    for (const auto& [port, name] : channels_)
      if (std::find(names.begin(), names.end(), name) == names.end())
        throw UsageError("--channels: " + path + " has no channel \"" + name + "\"" +
                         did_you_mean(name, names) + " (there are " + join(names, ", ") + ")");
    // channels that --condition names are sweeps of their own
    std::vector<const io::SpectrumChannel*> rest;
    for (const io::SpectrumChannel& channel : file.channels) {
      const auto own = conditions_.find(channel.name);
      if (own == conditions_.end()) {
        rest.push_back(&channel);
        continue;
      }
      used_.insert(channel.name);
      Spectrum s = begin(file);
      apply(own->second, s);
      add(file, s, {&channel});
    }
    if (rest.empty()) return;
    Spectrum s = begin(file);
    for_conditions_of(path, [&](const std::string&, const SweepCondition& own) { apply(own, s); });
    add(file, s, rest);
  }

  void finish(io::CurvesFile& out) {
    for (const auto& [name, condition] : conditions_)
      if (!used_.contains(name))
        throw UsageError("--condition: no file or channel is called \"" + name + "\"");
    if (!unused_keys_.empty())
      tell(first_with_keys_,
           {"lines before the numbers say what is not used: " +
                join(std::vector<std::string>(unused_keys_.begin(), unused_keys_.end()), ", "),
            true});
    for (const auto& [note, paths] : notes_) {
      const std::string others =
          paths.size() == 1 ? "" : " and " + std::to_string(paths.size() - 1) + " more";
      app::tell({{note, quiet_[note]}}, paths.front() + others, context_);
      out.notes.push_back(note);
    }
    if (spectra_.empty())
      throw InputError(heaters_from_.front() +
                       ": currents and voltages of a heater alone; import the spectra of its bus with them");
    out.spectra = std::move(spectra_);
    out.heaters = std::move(heaters_);
  }

 private:
  /// Calls body(name, condition) for what --condition says of a file, under its name with or without ending.
  template <class Body>
  void for_conditions_of(const std::string& path, const Body& body) {
    for (const std::string& name : {file_stem(path), std::filesystem::path(path).filename().string()}) {
      const auto own = conditions_.find(name);
      if (own == conditions_.end()) continue;
      used_.insert(name);
      body(name, own->second);
    }
  }

  /// Currents and voltages: whose they are, the lines before them, --bus and --condition say, else the name
  /// of the file says of which bus.
  void take_heater(io::SpectrumFile& file) {
    std::erase_if(file.said, [&](const auto& line) {  // what an instrument was set to is no reading
      const bool setting =
          line.first.find("voltage") != std::string::npos || line.first.find("current") != std::string::npos;
      if (setting) unused_keys_.insert(line.first);
      return setting;
    });
    Spectrum s = begin(file);
    for_conditions_of(file.path, [&](const std::string& name, const SweepCondition& own) {
      if (std::isfinite(own.current_ma) || std::isfinite(own.voltage_v) || std::isfinite(own.power_mw))
        throw UsageError("--condition " + name +
                         ": this file has currents and voltages of its own; say its heater, bus or "
                         "temperature");
      apply(own, s);
    });
    model::HeaterCurve curve = *file.heater;
    curve.heater = s.heater;
    if (s.heater.empty() || s.bus != file_stem(file.path)) curve.bus = s.bus;
    for (double& t : curve.temperature_c)
      if (!std::isfinite(t)) t = s.temperature_c;
    heaters_.push_back(std::move(curve)), heaters_from_.push_back(file.path);
  }

  void tell(const std::string& path, const io::Note& note) {
    notes_[note.text].push_back(path);
    quiet_[note.text] = note.harmless;
  }

  [[nodiscard]] Spectrum begin(const io::SpectrumFile& file) {
    Spectrum s;
    s.bus = file_stem(file.path);
    s.wavelength_nm = file.wavelength_nm;
    s.laser_nm = settings_.lasers_nm;
    for (std::string& key : apply_said(file.said, s, file.path)) unused_keys_.insert(std::move(key));
    if (first_with_keys_.empty() && !unused_keys_.empty()) first_with_keys_ = file.path;
    if (!settings_.bus.empty()) s.bus = settings_.bus;
    return s;
  }

  /// Whether values are logarithmic, as their unit says or their size.
  bool logarithmic(const io::SpectrumFile& file, const std::vector<const io::SpectrumChannel*>& channels) {
    std::optional<Unit> unit = unit_;
    for (const io::SpectrumChannel* channel : channels)
      if (!unit && channel->unit) unit = channel->unit;
    if (unit) return unit->decibel;
    double low = 0, high = 0;
    for (const io::SpectrumChannel* channel : channels)
      for (const double value : channel->values)
        if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
    constexpr double balanced = 1.5;  // a balanced detector goes from −1 to 1
    const bool decibels = low < -balanced;
    tell(file.path, {std::string("no unit of the powers is said: by their size taken as ") +
                         (decibels ? "dB" : "linear") + "; --spectrum-unit says another",
                     false});
    return decibels;
  }

  /// Channels in one unit, where they have several; and losses, which are positive dB, with their signs
  /// turned.
  std::vector<io::SpectrumChannel> in_one_unit(const io::SpectrumFile& file,
                                               const std::vector<const io::SpectrumChannel*>& channels) {
    std::vector<io::SpectrumChannel> all;
    const io::SpectrumChannel* first = nullptr;
    bool several = false, logarithmic = false;
    for (const io::SpectrumChannel* channel : channels) {
      all.push_back(*channel);
      if (!channel->unit) continue;
      if (first == nullptr) first = channel;
      several = several || channel->unit->name != first->unit->name;
      logarithmic = logarithmic || channel->unit->decibel;
    }
    for (io::SpectrumChannel& channel : all) {
      const bool loss = (channel.name.find("loss") != std::string::npos ||
                         channel.name.find("ttenuation") != std::string::npos ||
                         channel.name.find("Loss") != std::string::npos) &&
                        (!channel.unit || channel.unit->decibel);
      std::vector<double> sorted = channel.values;
      std::erase_if(sorted, [](double value) { return !std::isfinite(value); });
      std::sort(sorted.begin(), sorted.end());
      if (loss && !sorted.empty() && sorted[sorted.size() / 2] > 0) {
        for (double& value : channel.values) value = -value;
        tell(file.path, {"channel " + channel.name + " is a loss: its sign was turned", false});
      }
      if (!several || !channel.unit) continue;
      if (channel.unit->dimension != first->unit->dimension)
        throw InputError(file.path + ": channels " + first->name + " (" + first->unit->name + ") and " +
                         channel.name + " (" + channel.unit->name +
                         ") have no common scale; write both in one unit");
      for (double& value : channel.values) {
        value = channel.unit->base(value);
        if (logarithmic) value = value > 0 ? 10 * std::log10(1e3 * value) : Spectrum::unknown;
      }
    }
    if (several)
      for (io::SpectrumChannel& channel : all) channel.unit = read_unit(logarithmic ? "dBm" : "W");
    return all;
  }

  void add(const io::SpectrumFile& file, Spectrum s,
           const std::vector<const io::SpectrumChannel*>& as_written) {
    const std::vector<io::SpectrumChannel> converted = in_one_unit(file, as_written);
    std::vector<const io::SpectrumChannel*> channels;
    for (const io::SpectrumChannel& channel : converted) channels.push_back(&channel);
    s.decibel = logarithmic(file, channels);
    std::vector<std::pair<BusPort, const io::SpectrumChannel*>> ports;
    for (const io::SpectrumChannel* channel : channels)
      for (const auto& [port, name] : channels_)
        if (name == channel->name) ports.emplace_back(port, channel);
    if (ports.empty()) ports = named_ports(channels);
    if (ports.empty()) ports = found_ports(file, channels, s.decibel);
    for (const auto& [port, channel] : ports)
      if (!s.decibel && (port == BusPort::through || port == BusPort::drop))
        check_light(file, port, *channel);
    // rows in which a port has no reading are left out
    std::vector<std::size_t> rows;
    for (std::size_t k = 0; k < s.wavelength_nm.size(); ++k)
      if (std::all_of(ports.begin(), ports.end(), [&](const auto& one) {
            const double value = one.second->values[k];
            return std::isfinite(value) && (s.decibel || !(value <= 0 && one.first == BusPort::through));
          }))
        rows.push_back(k);
    if (rows.size() < s.wavelength_nm.size())
      tell(file.path, {std::to_string(s.wavelength_nm.size() - rows.size()) +
                           " wavelengths without a reading (an empty cell, NaN, an overload code, or no "
                           "light) were left out",
                       false});
    for (const auto& [port, channel] : ports) {
      model::PortTrace trace{port, {}};
      for (const std::size_t k : rows) trace.power.push_back(channel->values[k]);
      s.ports.push_back(std::move(trace));
    }
    std::vector<double> wavelengths;
    for (const std::size_t k : rows) wavelengths.push_back(s.wavelength_nm[k]);
    s.wavelength_nm = std::move(wavelengths);
    std::sort(s.ports.begin(), s.ports.end(), [](const auto& l, const auto& r) { return l.port < r.port; });
    constexpr std::size_t fewest = 50;
    if (rows.size() < fewest)
      throw InputError(file.path + ": only " + std::to_string(rows.size()) + " wavelengths with a reading");
    spectra_.push_back(std::move(s));
  }

  /// Ports by the names of the channels, where all of these are words of ports.
  static std::vector<std::pair<BusPort, const io::SpectrumChannel*>> named_ports(
      const std::vector<const io::SpectrumChannel*>& channels) {
    std::vector<std::pair<BusPort, const io::SpectrumChannel*>> ports;
    for (const io::SpectrumChannel* channel : channels) {
      std::string name = lower_case(channel->name);
      if (name == "thru") name = "through";
      const std::optional<BusPort> port = read_word<BusPort>(name);
      if (!port ||
          std::any_of(ports.begin(), ports.end(), [&](const auto& one) { return one.first == *port; }))
        return {};
      ports.emplace_back(*port, channel);
    }
    return ports;
  }

  /// One port's light is not negative but for noise; that of a balanced detector is.
  static void check_light(const io::SpectrumFile& file, BusPort port, const io::SpectrumChannel& channel) {
    double least = 0, most = 0;
    for (const double value : channel.values)
      if (std::isfinite(value)) least = std::min(least, value), most = std::max(most, value);
    constexpr double noise = 0.05;
    if (least < -noise * most)
      throw InputError(file.path + ": channel " + channel.name + " is no " + word_of(port) +
                       " port: its light is negative; say --channels through-drop=" + channel.name +
                       " (or drop-through) for a balanced detector, or its unit with --spectrum-unit");
  }

  /// Ports by what the channels show: on resonance light leaves the bus, and is dropped.
  std::vector<std::pair<BusPort, const io::SpectrumChannel*>> found_ports(
      const io::SpectrumFile& file, const std::vector<const io::SpectrumChannel*>& channels, bool decibels) {
    struct Shape {
      const io::SpectrumChannel* channel;
      double median, rise, fall, low;
    };
    std::vector<Shape> shapes;
    for (const io::SpectrumChannel* channel : channels) {
      std::vector<double> values;
      for (const double value : channel->values)
        if (std::isfinite(value)) values.push_back(value);
      if (values.size() < 50) continue;
      const std::vector<double> base = model::running_median(values);
      double rise = 0, fall = 0;
      for (std::size_t k = 2; k + 2 < values.size(); ++k) {  // of five points, against single outliers
        double five = 0;
        for (std::size_t i = k - 2; i <= k + 2; ++i) five += (values[i] - base[i]) / 5;
        rise = std::max(rise, five), fall = std::max(fall, -five);
      }
      const double low = *std::min_element(values.begin(), values.end());
      std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2), values.end());
      shapes.push_back({channel, values[values.size() / 2], rise, fall, low});
    }
    std::vector<std::pair<BusPort, const io::SpectrumChannel*>> ports;
    if (shapes.empty()) return ports;
    std::vector<std::string> said;
    const auto put = [&](BusPort port, const Shape& shape) {
      ports.emplace_back(port, shape.channel);
      said.push_back(word_of(port) + "=" + shape.channel->name);
    };
    // most light without resonances: the bus
    const Shape bus = *std::max_element(shapes.begin(), shapes.end(),
                                        [](const Shape& l, const Shape& r) { return l.median < r.median; });
    // another channel with such dips is the same port at another time: no file says of what
    std::vector<std::string> sweeps;
    for (const Shape& shape : shapes)
      if (shape.fall > shape.rise && shape.fall > bus.fall / 2 &&
          shape.median > (decibels ? bus.median - 10 : 0.1 * bus.median))  // not a detector's floor
        sweeps.push_back(shape.channel->name);
    if (sweeps.size() > 1 && bus.fall > bus.rise)
      throw InputError(
          file.path + ": channels " + join(sweeps, ", ") +
          " all look as light that stays on a bus; if they are sweeps at several heater powers, say "
          "them with --condition " +
          sweeps[0] + "=power:0mW --condition " + sweeps[1] +
          "=power:…, else which of them is the port with --channels through=" + sweeps[0]);
    const bool balanced = !decibels && bus.low < -0.05 * std::abs(bus.median);
    if (shapes.size() == 1 && balanced) {
      put(bus.fall > bus.rise ? BusPort::through_drop : BusPort::drop_through, bus);
    } else if (shapes.size() == 1) {
      put(bus.fall > bus.rise ? BusPort::through : BusPort::drop, bus);
    } else {
      if (bus.fall > bus.rise) put(BusPort::through, bus);
      std::vector<Shape> others;
      for (const Shape& shape : shapes)
        if (shape.channel != bus.channel && shape.rise > shape.fall) others.push_back(shape);
      const auto brightest = [](const Shape& l, const Shape& r) {
        return l.median + l.rise < r.median + r.rise;
      };
      const auto drop = std::max_element(others.begin(), others.end(), brightest);
      // a drop port is brighter on resonance than light scattered back into the add port, or the floor
      if (drop != others.end()) put(BusPort::drop, *drop);
    }
    std::vector<std::string> left;
    for (const io::SpectrumChannel* channel : channels)
      if (std::none_of(ports.begin(), ports.end(), [&](const auto& one) { return one.second == channel; }))
        left.push_back(channel->name);
    tell(file.path, {"ports were found by their shape: " + join(said, ", ") +
                         (left.empty() ? ""
                                       : "; " + join(left, ", ") +
                                             " were taken for scattered light or a detector's floor") +
                         " (--channels says otherwise)",
                     false});
    if (ports.empty())
      throw InputError(file.path + ": no channel shows resonances; name the ports with --channels");
    return ports;
  }

  const SpectrumSettings& settings_;
  cli::Context& context_;
  std::vector<std::pair<BusPort, std::string>> channels_;
  std::map<std::string, SweepCondition> conditions_;
  std::optional<Unit> unit_;
  std::set<std::string> used_;
  std::map<std::string, std::vector<std::string>> notes_;  ///< and the files that they are about
  std::map<std::string, bool> quiet_;
  std::set<std::string> unused_keys_;
  std::string first_with_keys_;
  std::vector<Spectrum> spectra_;
  std::vector<model::HeaterCurve> heaters_;
  std::vector<std::string> heaters_from_;
};

}  // namespace

void SpectrumSettings::describe(Options& o) {
  o.group("Import of spectra");
  o.inputs(
       "import-spectra", files,
       "a sweep of the wavelength, of the elements on a bus, or a folder of them; may be repeated: files of "
       "MATLAB, tables in columns or rows, or with "
       "lines "
       "\"Key: value\" before them (component, voltage, current in A, temperature)")
      .later = true;
  o.text("channels", channels, "PORT=CHANNEL,…",
         "ports of the spectra, as drop=channel_1,through=channel_2; through-drop or drop-through for a "
         "balanced "
         "detector")
      .later = true;
  o.list("condition", conditions, "NAME=KEY:VALUE,…",
         "what a file, or a channel that is a sweep of its own, was measured at, as End=power:20mW,heater:h1 "
         "(power, "
         "current, voltage, temperature, heater, bus)")
      .later = true;
  o.text("bus", bus, "NAME", "name of the one bus that all sweeps are of").later = true;
  o.numbers(
       "lasers", lasers_nm, "NM,NM,…",
       "wavelengths at which the channels of a bus are used, one for each of its elements; without them each "
       "laser stands where the process has it")
      .later = true;
  o.text("spectrum-unit", unit, "UNIT", "unit of powers whose files do not say it: dB, dBm, mW, 1 …").later =
      true;
}

void import_spectra(const SpectrumSettings& settings, io::CurvesFile& file, cli::Context& context) {
  Importer importer(settings, context);
  const auto shown = [](const std::string& name) { return !name.starts_with("."); };
  for (const std::string& path : files_of(settings.files, shown, "no file is in this folder"))
    importer.take(path);
  importer.finish(file);
}

namespace {

void report_buses(const std::vector<Spectrum>& spectra, cli::Report& report) {
  report.columns({"bus", "sweeps", "heaters", "nm", "points"});
  std::vector<std::string> buses;
  for (const Spectrum& s : spectra)
    if (std::find(buses.begin(), buses.end(), s.bus) == buses.end()) buses.push_back(s.bus);
  for (const std::string& bus : buses) {
    std::set<std::string> heaters;
    std::size_t sweeps = 0, points = 0;
    double low = std::numeric_limits<double>::infinity(), high = 0;
    for (const Spectrum& s : spectra) {
      if (s.bus != bus) continue;
      if (!s.heater.empty()) heaters.insert(s.heater);
      ++sweeps, points += s.wavelength_nm.size();
      low = std::min(low, s.wavelength_nm.front()), high = std::max(high, s.wavelength_nm.back());
    }
    report.row({bus, std::to_string(sweeps), std::to_string(heaters.size()),
                format_short(low, 6) + " to " + format_short(high, 6), std::to_string(points)});
  }
  report.value("buses", buses);
}

}  // namespace

void report_spectra(const std::vector<Spectrum>& spectra, cli::Report& report) {
  constexpr std::size_t most = 24;
  if (spectra.size() > most) return report_buses(spectra, report);
  report.columns({"bus", "heater", "mA", "V", "mW", "degC", "nm", "points", "ports"});
  const auto number = [](double value) { return std::isfinite(value) ? format_short(value, 4) : "-"; };
  std::vector<std::string> buses;
  for (const Spectrum& s : spectra) {
    std::vector<std::string> ports;
    for (const model::PortTrace& trace : s.ports) ports.push_back(word_of(trace.port));
    report.row({s.bus, s.heater.empty() ? "-" : s.heater, number(s.current_ma), number(s.voltage_v),
                number(s.power_mw), number(s.temperature_c),
                format_short(s.wavelength_nm.front(), 6) + " to " + format_short(s.wavelength_nm.back(), 6),
                std::to_string(s.wavelength_nm.size()), join(ports, ", ")});
    buses.push_back(s.bus);
  }
  report.value("buses", buses);
}

}  // namespace pnn::app
