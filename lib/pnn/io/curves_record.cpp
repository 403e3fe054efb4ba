#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "pnn/core/natural_order.hpp"
#include "pnn/io/parts.hpp"
#include "pnn/io/records.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::io {
namespace {

/// Padding is padding in all three: a current without a response (or the reverse) is a broken curve.
void check_padding(Reader& in, const std::string& group, const model::ChipCurves& chip) {
  for (std::size_t k = 0; k < chip.control.size(); ++k) {
    const bool padded = std::isnan(chip.control.data[k]);
    if (padded == std::isnan(chip.response.data[k]) && padded == std::isnan(chip.sigma.data[k])) continue;
    return in.complain(group + ": control, response and sigma are not NaN in the same places (value " +
                       std::to_string(k) + ")");
  }
}

void check_direction(Reader& in, const std::string& group, const model::ChipCurves& chip) {
  for (const int direction : chip.direction) {
    if (direction == 1 || direction == -1) continue;
    return in.complain(group + "/direction: expected 1 or -1, found " + std::to_string(direction));
  }
}

void check_pairs(Reader& in, const std::string& group, const model::ChipCurves& chip) {
  for (const auto* list : {&chip.pair_victim, &chip.pair_aggressor}) {
    for (const int element : *list) {
      if (static_cast<std::size_t>(element) < chip.elements.size()) continue;
      return in.complain(group + ": a pair names element " + std::to_string(element) + " of " +
                         std::to_string(chip.elements.size()));
    }
  }
}

model::ChipCurves& read_pairs(Reader& in, const std::string& group, model::ChipCurves& chip) {
  chip.pair_victim = in.vector<std::int32_t>(group + "/pair_victim");
  chip.pair_aggressor = in.vector<std::int32_t>(group + "/pair_aggressor");
  chip.pair_victim_control = in.array<double>(group + "/pair_victim_control");
  chip.pair_control = in.array<double>(group + "/pair_control");
  chip.pair_response = in.array<double>(group + "/pair_response");
  chip.pair_sigma = in.array<double>(group + "/pair_sigma");
  std::size_t present = 0;
  const char* names[] = {"pair_victim",  "pair_aggressor", "pair_victim_control",
                         "pair_control", "pair_response",  "pair_sigma"};
  for (const char* name : names) present += in.has(group + "/" + name) ? 1 : 0;
  if (present != 0 && present != std::size(names))
    in.complain(group + ": expected all of the pair_ datasets, or none");
  return chip;
}

/// The platforms of imported curves, which no layer tells.
std::vector<std::string> platforms_of(const model::Curves& curves) {
  std::vector<std::string> words;
  for (const model::ChipCurves& chip : curves.chips)
    if (!chip.platform.empty()) words.push_back(chip.platform);
  return words;
}

std::string read_platform(Reader& in, const std::string& path) {
  std::string word = in.text(path);
  if (in.sound() && platform::find_platform(word) == nullptr)
    in.complain(path + ": unknown platform \"" + word + "\"");
  return word;
}

std::vector<model::TakenUnder> read_conditions(Reader& in, const std::string& group) {
  std::vector<model::TakenUnder> conditions;
  for (const h5::Member& member : in.members(group)) {
    const std::string path = group + "/" + member.name;
    conditions.push_back({member.name, in.attribute(path, "units"), in.number(path)});
  }
  return conditions;
}

model::ReadingLog read_log(Reader& in) {
  model::ReadingLog log;
  if (!in.has("/unfinished/group")) return log;
  log.group = in.vector<std::uint64_t>("/unfinished/group");
  log.calls = in.vector<std::uint64_t>("/unfinished/calls");
  log.mean = in.vector<double>("/unfinished/mean");
  log.error = in.vector<double>("/unfinished/error");
  log.temperature_c = in.vector<double>("/unfinished/temperature");
  const std::uint64_t readings = std::accumulate(log.group.begin(), log.group.end(), std::uint64_t{0});
  if (in.sound() && readings != log.mean.size())
    in.complain("/unfinished: groups of " + std::to_string(readings) + " readings, and " +
                std::to_string(log.mean.size()) + " readings");
  return log;
}

/// Quantities of a sweep that may be unknown, with their units.
struct SweepNumber {
  const char* name;
  double model::Spectrum::*value;
};
constexpr SweepNumber sweep_numbers[] = {{"current", &model::Spectrum::current_ma},
                                         {"voltage", &model::Spectrum::voltage_v},
                                         {"heater_power", &model::Spectrum::power_mw},
                                         {"temperature", &model::Spectrum::temperature_c}};

void write_spectra(Writer& out, const std::vector<model::Spectrum>& spectra) {
  for (std::size_t k = 0; k < spectra.size(); ++k) {
    const model::Spectrum& s = spectra[k];
    const std::string group = "/spectra/" + std::to_string(k) + "/";
    out.text(group + "bus", s.bus);
    if (!s.heater.empty()) out.text(group + "heater", s.heater);
    for (const SweepNumber& number : sweep_numbers)
      if (std::isfinite(s.*number.value)) out.number(group + number.name, s.*number.value);
    if (!s.laser_nm.empty()) out.vector(group + "laser", s.laser_nm);
    out.vector(group + "wavelength", s.wavelength_nm);
    std::vector<std::string> ports;
    Array<double> power({s.ports.size(), s.wavelength_nm.size()}, 0.0);
    for (std::size_t p = 0; p < s.ports.size(); ++p) {
      ports.push_back(word_of(s.ports[p].port));
      std::copy(s.ports[p].power.begin(), s.ports[p].power.end(), power.slice(p).begin());
    }
    out.texts(group + "ports", ports);
    out.array(group + "power", power, {s.decibel ? "dB" : "1", "", {}});
  }
}

void write_heaters(Writer& out, const std::vector<model::HeaterCurve>& heaters) {
  for (std::size_t k = 0; k < heaters.size(); ++k) {
    const model::HeaterCurve& curve = heaters[k];
    const std::string group = "/heaters/" + std::to_string(k) + "/";
    if (!curve.bus.empty()) out.text(group + "bus", curve.bus);
    if (!curve.heater.empty()) out.text(group + "heater", curve.heater);
    out.vector(group + "current", curve.current_ma);
    out.vector(group + "voltage", curve.voltage_v);
    if (std::any_of(curve.temperature_c.begin(), curve.temperature_c.end(),
                    [](double t) { return std::isfinite(t); }))
      out.vector(group + "temperature", curve.temperature_c);
  }
}

/// The groups in a group, "/heaters/0/", "/heaters/1/" …, in the order of their numbers.
std::vector<std::string> numbered_groups(Reader& in, const std::string& parent) {
  std::vector<std::string> names;
  for (const h5::Member& member : in.members(parent)) names.push_back(member.name);
  std::sort(names.begin(), names.end(), natural_less);
  for (std::string& name : names) name = parent + "/" + name + "/";
  return names;
}

std::vector<model::HeaterCurve> read_heaters(Reader& in) {
  std::vector<model::HeaterCurve> heaters;
  for (const std::string& group : numbered_groups(in, "/heaters")) {
    model::HeaterCurve curve;
    if (in.has(group + "bus")) curve.bus = in.text(group + "bus");
    if (in.has(group + "heater")) curve.heater = in.text(group + "heater");
    curve.current_ma = in.vector<double>(group + "current");
    curve.voltage_v = in.vector<double>(group + "voltage");
    curve.temperature_c.assign(curve.current_ma.size(), model::Spectrum::unknown);
    if (in.has(group + "temperature")) curve.temperature_c = in.vector<double>(group + "temperature");
    if (!in.sound()) return {};
    if (curve.current_ma.empty() || curve.voltage_v.size() != curve.current_ma.size() ||
        curve.temperature_c.size() != curve.current_ma.size())
      in.complain(group + "current: expected as many currents as voltages and temperatures");
    heaters.push_back(std::move(curve));
  }
  return heaters;
}

std::vector<model::Spectrum> read_spectra(Reader& in) {
  std::vector<model::Spectrum> spectra;
  for (const std::string& group : numbered_groups(in, "/spectra")) {
    model::Spectrum s;
    s.bus = in.text(group + "bus");
    if (in.has(group + "heater")) s.heater = in.text(group + "heater");
    for (const SweepNumber& number : sweep_numbers)
      if (in.has(group + number.name)) s.*number.value = in.number(group + number.name);
    s.laser_nm = in.vector<double>(group + "laser");
    s.wavelength_nm = in.vector<double>(group + "wavelength");
    s.decibel = in.attribute(group + "power", "units") == "dB";
    const std::vector<std::string> ports = in.texts(group + "ports");
    const Array<double> power = in.array<double>(group + "power");
    if (!in.sound()) return {};
    if (power.shape != std::vector<std::size_t>{ports.size(), s.wavelength_nm.size()} || ports.empty() ||
        s.wavelength_nm.size() < 2)
      in.complain(group + "power: expected the power of each port at each wavelength");
    if (std::adjacent_find(s.wavelength_nm.begin(), s.wavelength_nm.end(),
                           [](double l, double r) { return l >= r; }) != s.wavelength_nm.end())
      in.complain(group + "wavelength: expected rising values");
    if (std::adjacent_find(s.laser_nm.begin(), s.laser_nm.end(), [](double l, double r) { return l >= r; }) !=
        s.laser_nm.end())
      in.complain(group + "laser: expected rising values");
    for (std::size_t p = 0; p < ports.size(); ++p) {
      const std::optional<model::BusPort> port = read_word<model::BusPort>(ports[p]);
      if (!port) in.complain(group + "ports: unknown port \"" + ports[p] + "\"");
      if (!in.sound()) return {};
      s.ports.push_back({*port, {power.slice(p).begin(), power.slice(p).end()}});
    }
    spectra.push_back(std::move(s));
  }
  return spectra;
}

}  // namespace

void write_curves(const std::string& path, const CurvesFile& curves, const Provenance& header) {
  write_record(path, "curves", header, [&](Writer& out) {
    write_network(out, curves.network);
    write_process(out, curves.process, curves.network, platforms_of(curves.curves));
    out.count("/averages", static_cast<std::uint64_t>(curves.curves.averages));
    out.number("/settle", curves.curves.settle_s);
    write_spectra(out, curves.spectra);
    write_heaters(out, curves.heaters);
    if (!curves.notes.empty()) out.texts("/notes", curves.notes);
    if (curves.placement.missing != study::Missing::refuse)
      out.text("/missing", word_of(curves.placement.missing));
    if (curves.placement.repeat) out.count("/repeat_elements", 1);
    if (!curves.unfinished.empty()) {
      out.vector("/unfinished/group", curves.unfinished.group);
      out.vector("/unfinished/calls", curves.unfinished.calls);
      out.vector("/unfinished/mean", curves.unfinished.mean);
      out.vector("/unfinished/error", curves.unfinished.error);
      out.vector("/unfinished/temperature", curves.unfinished.temperature_c);
    }
    write_chips(
        out, "/curves", curves.curves.chips, [&](const std::string& group, const model::ChipCurves& chip) {
          if (!chip.platform.empty()) out.text(group + "/platform", chip.platform);
          out.texts(group + "/elements", chip.elements);
          for (const model::TakenUnder& c : chip.conditions)
            out.array<double>(group + "/conditions/" + c.name, {}, {&c.value, 1}, {c.unit, "", {}});
          out.vector(group + "/temperature", chip.temperature_c);
          if (!chip.direction.empty()) out.vector<std::int32_t>(group + "/direction", chip.direction);
          out.array(group + "/control", chip.control, {chip.control_unit, "", {}});
          out.array(group + "/response", chip.response);
          out.array(group + "/sigma", chip.sigma);
          if (!chip.reading_temperature_c.data.empty())
            out.array(group + "/reading_temperature", chip.reading_temperature_c);
          if (chip.pair_victim.empty()) return;
          out.vector<std::int32_t>(group + "/pair_victim", chip.pair_victim);
          out.vector<std::int32_t>(group + "/pair_aggressor", chip.pair_aggressor);
          out.array(group + "/pair_victim_control", chip.pair_victim_control, {chip.control_unit, "", {}});
          out.array(group + "/pair_control", chip.pair_control, {chip.control_unit, "", {}});
          out.array(group + "/pair_response", chip.pair_response);
          out.array(group + "/pair_sigma", chip.pair_sigma);
        });
  });
}

Read<CurvesFile> read_curves(const std::string& path) {
  return read_record<Read<CurvesFile>>(path, "curves", [](Reader& in) {
    CurvesFile file;
    file.network = read_network(in);
    file.process = read_process(in, file.network);
    constexpr std::uint64_t most = 1'000'000'000;
    file.curves.averages = static_cast<int>(std::min(in.count("/averages"), most));
    if (in.has("/settle")) file.curves.settle_s = in.number("/settle");
    read_plans(in, file.network, file.process);
    file.unfinished = read_log(in);
    if (in.has("/spectra")) file.spectra = read_spectra(in);
    if (in.has("/heaters")) file.heaters = read_heaters(in);
    file.notes = in.texts("/notes");
    if (in.has("/missing")) file.placement.missing = in.word<study::Missing>("/missing");
    file.placement.repeat = in.has("/repeat_elements") && in.count("/repeat_elements") > 0;
    file.curves.chips =
        read_chips<model::ChipCurves>(in, "/curves", [&](const std::string& group, model::ChipCurves& chip) {
          if (in.has(group + "/platform")) chip.platform = read_platform(in, group + "/platform");
          chip.elements = in.texts(group + "/elements");
          if (in.has(group + "/conditions")) chip.conditions = read_conditions(in, group + "/conditions");
          chip.temperature_c = in.vector<double>(group + "/temperature");
          chip.direction = in.vector<std::int32_t>(group + "/direction");
          chip.control = in.array<double>(group + "/control");
          chip.control_unit = in.attribute(group + "/control", "units");
          chip.response = in.array<double>(group + "/response");
          chip.sigma = in.array<double>(group + "/sigma");
          chip.reading_temperature_c = in.array<double>(group + "/reading_temperature");
          read_pairs(in, group, chip);
          if (!in.sound()) return;
          check_padding(in, group, chip);
          check_direction(in, group, chip);
          check_pairs(in, group, chip);
        });
    if (in.sound() && file.curves.chips.empty() && file.unfinished.empty() && file.spectra.empty())
      in.complain("/curves: no chip in it");
    return file;
  });
}

}  // namespace pnn::io
