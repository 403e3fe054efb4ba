#include "pnn/study/characterize.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {
namespace {

/// The measurement of one device.
struct Session {
  device::Device& device;
  const CharacterizeSettings& settings;
  Progress& progress;
  Recorder& recorder;
  std::uint64_t done = 0, total = 0;  ///< readings
  std::uint64_t calls = 0;            ///< of the device, in this session or an earlier one
  std::uint64_t skipped = 0;          ///< of them, since conditions were imposed, in an earlier one

  /// Before the device does anything: its clock to where it would be.
  void catch_up() {
    if (skipped > 0) device.catch_up(skipped, double(skipped) * settings.settle_s);
    skipped = 0;
  }

  std::vector<Reading> take(std::size_t count, const std::function<std::vector<Reading>()>& measure) {
    Recorder::Group group;
    if (recorder.knows_group()) {
      group = recorder.next_group(count);
      skipped += group.calls;
    } else {
      catch_up();
      const std::uint64_t before = device.calls();
      group.readings = measure();
      group.calls = device.calls() - before;
      recorder.add(group);
      progress.update(done + count, total, "readings", "");
    }
    calls += group.calls;
    done += count;
    if (progress.stop_requested()) {
      throw Interrupted("characterisation interrupted after " + std::to_string(done) + " of " +
                        std::to_string(total) + " readings");
    }
    return std::move(group.readings);
  }

  /// °C: as read, or where there is no sensor as assumed.
  double temperature_c() {
    if (recorder.knows_temperature()) return recorder.next_temperature();
    if (!device.has_sensor("temperature")) return assumed_temperature_c(device, settings);
    catch_up();
    const double read = device.read("temperature");
    recorder.add_temperature(read);
    return read;
  }
};

}  // namespace

std::vector<int> CharacterizeSettings::directions() const {
  std::vector<int> out;
  if (direction != SweepDirection::down) out.assign(std::size_t(points), 1);
  if (direction != SweepDirection::up) out.insert(out.end(), std::size_t(points), -1);
  return out;
}

std::vector<double> CharacterizeSettings::in_order(const std::vector<double>& upward) const {
  std::vector<double> out;
  if (direction != SweepDirection::down) out = upward;
  if (direction != SweepDirection::up) out.insert(out.end(), upward.rbegin(), upward.rend());
  return out;
}

void LaserSettings::describe(Options& options) {
  options
      .flag(
          "spectra", sweep,
          "sweep the wavelengths of the lasers in place of the controls, with all heaters cold and with one "
          "after the other on, for pnn-fit --model spectrum")
      .later = true;
  const auto idle = [this] { return sweep ? std::string() : std::string("no lasers are swept (--spectra)"); };
  const auto own = [&](Option& option) { option.later = true, option.idle = idle; };
  own(options.number("laser-step", step_nm, "NM",
                     "step between two wavelengths; 0: a twelfth of the width of a resonance",
                     Limits::between(0, 100)));
  own(options.integer("heater-powers", heater_powers, "N",
                      "powers of each heater, in equal steps from its lowest control to its highest",
                      Limits::between(1, 1000)));
  own(options.number("first-laser", first_nm, "NM", "wavelength of the laser of the first channel (nm)",
                     Limits::between(100, 100000)));
}

void CharacterizeSettings::describe(Options& options) {
  std::vector<std::string> with_pairs, with_temperatures;
  for (const PlatformLab* lab : labs()) {
    if (lab->sweeps_pairs()) with_pairs.push_back(lab->platform().elements());
    if (lab->sweeps_temperatures()) with_temperatures.push_back(lab->platform().elements());
  }
  options.group("Sweeps");
  options.integer("points", points, "N", "points of a sweep", Limits::between(8, 100000));
  options.integer("averages", averages, "N", "readings of each point", Limits::between(1, 100000));
  options.number("settle", settle_s, "S", "time that passes after controls were set, before a reading (s)",
                 Limits::between(0, 1e6));
  options.choice(
      "direction", direction,
      "sweeps towards higher controls, lower ones, or up and then down, whose difference is hysteresis");
  options.flag("crosstalk", crosstalk,
               "also sweep pairs of " + join(with_pairs, " or ") + ", for the thermal crosstalk");
  options
      .numbers("temperatures", temperatures_c, "C,C,…",
               "ambient temperatures (°C) at which to sweep " + join(with_temperatures, " or ") +
                   "; two or more identify the tuning efficiency")
      .idle = [this] {
    std::vector<double> sorted = temperatures_c;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    return twice == sorted.end()
               ? std::string()
               : format_number(*twice) +
                     " °C stands in it twice, which tells no more than twice the --averages";
  };
}

namespace {

void check(const CharacterizeSettings& settings) {
  if (settings.points < 8)
    throw UsageError("points: expected 8 or more, found " + std::to_string(settings.points));
  if (settings.averages < 1)
    throw UsageError("averages: expected 1 or more, found " + std::to_string(settings.averages));
  if (!(settings.settle_s >= 0) || !std::isfinite(settings.settle_s))
    throw UsageError("settle: expected a time of 0 s or more, found " + format_number(settings.settle_s));
}

/// The measurement of one chip, by the laboratory of its platform.
struct Planned {
  std::unique_ptr<Measurement> measurement;
  const PlatformLab* lab;
};

/// The measurements of all chips, once the settings are known to suit what the device has.
std::vector<Planned> measurements_of(device::Device& device, const CharacterizeSettings& settings) {
  std::vector<Planned> all;
  bool pairs = false;
  std::vector<std::string> at_one_temperature, with_pairs;
  for (const PlatformLab* lab : labs()) {
    if (lab->sweeps_pairs()) with_pairs.push_back(lab->platform().elements());
    std::vector<std::unique_ptr<Measurement>> own = lab->measurements(device, settings);
    if (own.empty()) continue;
    pairs = pairs || lab->sweeps_pairs();
    if (!lab->sweeps_temperatures()) at_one_temperature.push_back(lab->platform().elements());
    for (std::unique_ptr<Measurement>& measurement : own) all.push_back({std::move(measurement), lab});
  }
  if (all.empty()) throw UsageError("the device has no layer whose curves could be measured");
  if (!pairs && settings.crosstalk)
    throw UsageError("crosstalk: pair sweeps are of " + join(with_pairs, " or ") +
                     ", and the device has none");
  if (!at_one_temperature.empty() && settings.temperatures_c.size() > 1)
    throw UsageError("temperatures: curves of " + join(at_one_temperature, " and ") +
                     " are measured at one temperature, found " +
                     std::to_string(settings.temperatures_c.size()));
  return all;
}

/// The conditions that change what is measured of a chip; its temperature is measured with its curves, and
/// noise and resolution of the sources change no model.
std::vector<model::TakenUnder> conditions_on(const model::ChipCurves& chip, const device::Device& device,
                                             const device::Conditions& imposed) {
  std::vector<model::TakenUnder> found;
  std::size_t layer = 0;
  while (device.layers().at(layer).plan->chip_key() != chip.key) ++layer;
  const platform::LayerPlan& plan = *device.layers()[layer].plan;
  if (!imposed.reach(layer)) return found;
  std::vector<std::string> acting = plan.followed();
  if (const platform::ResponseOffset* offset = plan.platform().response())
    acting.insert(acting.end(), {offset->common.name, offset->spread.name});
  for (const device::Condition& condition : device::condition_table()) {
    if (std::find(acting.begin(), acting.end(), condition.name) == acting.end()) continue;
    const double value = condition.of(imposed).value_or(condition.undisturbed);
    if (std::abs(value - condition.undisturbed) > 1e-9)
      found.push_back({condition.name, condition.unit, value});
  }
  return found;
}

}  // namespace

model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress) {
  Recorder recorder;
  return characterize(device, settings, progress, recorder);
}

namespace {

/// Lets all measurements run, at one ambient temperature after the other.
void run(const std::vector<Planned>& measurements, Session& session) {
  const CharacterizeSettings& settings = session.settings;
  device::Device& device = session.device;
  for (const Planned& one : measurements) session.total += one.measurement->readings();
  const auto take = [&](std::size_t count, const std::function<std::vector<Reading>()>& measure) {
    return session.take(count, measure);
  };
  const std::size_t sweeps = std::max<std::size_t>(1, settings.temperatures_c.size());
  for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
    device::Conditions conditions = settings.conditions;
    if (!settings.temperatures_c.empty()) conditions.temperature_c = settings.temperatures_c[sweep];
    const auto impose = [&](const device::Conditions& wanted) {
      device::Conditions now = wanted;
      // a device's noise is a function of its clock: two sweeps at one time would share it
      now.start_s += double(session.calls) * (now.dt_s + settings.settle_s);
      device.impose(now);
      session.skipped = 0;
    };
    if (settings.impose || !settings.temperatures_c.empty()) impose(conditions);
    for (const Planned& one : measurements) {
      const auto& measurement = one.measurement;
      measurement->tune = [&](double offset_nm) {
        device::Conditions tuned = conditions;
        tuned.response[one.lab->platform().response()->common.name].common += offset_nm;
        impose(tuned);
      };
      // the temperature as commanded, or as read before and after
      const double before = settings.temperatures_c.empty() ? session.temperature_c() : 0;
      measurement->sweep(sweep, take);
      measurement->curves.temperature_c[sweep] = settings.temperatures_c.empty()
                                                     ? (before + session.temperature_c()) / 2
                                                     : settings.temperatures_c[sweep] + conditions.drift_k;
      for (model::Spectrum& s : measurement->spectra)
        if (std::isnan(s.temperature_c)) s.temperature_c = measurement->curves.temperature_c[sweep];
    }
  }
}

}  // namespace

model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress,
                           Recorder& recorder) {
  check(settings);
  const std::vector<Planned> measurements = measurements_of(device, settings);
  Session session{device, settings, progress, recorder};
  run(measurements, session);
  model::Curves curves;
  curves.averages = settings.averages;
  curves.settle_s = settings.settle_s;
  for (const auto& [measurement, lab] : measurements) {
    if (settings.impose || !settings.temperatures_c.empty())
      measurement->curves.conditions = conditions_on(measurement->curves, device, settings.conditions);
    curves.chips.push_back(std::move(measurement->curves));
  }
  return curves;
}

std::vector<model::Spectrum> characterize_lasers(device::Device& device, const CharacterizeSettings& settings,
                                                 Progress& progress, Recorder& recorder) {
  check(settings);
  std::vector<Planned> measurements;
  for (const PlatformLab* lab : labs())
    for (std::unique_ptr<Measurement>& one : lab->laser_sweeps(device, settings))
      measurements.push_back({std::move(one), lab});
  if (measurements.empty()) throw UsageError("spectra: the device has no layer whose lasers could be swept");
  Session session{device, settings, progress, recorder};
  run(measurements, session);
  std::vector<model::Spectrum> spectra;
  for (const auto& [measurement, lab] : measurements)
    for (model::Spectrum& one : measurement->spectra) spectra.push_back(std::move(one));
  return spectra;
}

double assumed_temperature_c(const device::Device& device, const CharacterizeSettings& settings) {
  const PlatformLab& lab = lab_of(device.layers().front().plan->platform());
  return settings.conditions.temperature_c.value_or(lab.reference_temperature_c(settings.process)) +
         settings.conditions.drift_k;
}

model::Curves stack(const std::vector<model::Curves>& devices) {
  require(!devices.empty(), "stack: no curves");
  model::Curves out = devices.front();
  const auto append = [](Array<double>& to, const Array<double>& from) {
    const bool same =
        to.shape.size() == from.shape.size() &&
        (to.shape.empty() || std::equal(to.shape.begin() + 1, to.shape.end(), from.shape.begin() + 1));
    if (!same)
      throw InputError(
          "curves of several devices: their shapes differ; characterise them with equal options");
    if (to.shape.empty()) return;
    to.shape[0] += from.shape[0];
    to.data.insert(to.data.end(), from.data.begin(), from.data.end());
  };
  for (std::size_t d = 1; d < devices.size(); ++d) {
    if (devices[d].chips.size() != out.chips.size())
      throw InputError("curves of several devices: their chips differ");
    for (std::size_t k = 0; k < out.chips.size(); ++k) {
      model::ChipCurves& to = out.chips[k];
      const model::ChipCurves& from = devices[d].chips[k];
      if (to.key != from.key || to.elements != from.elements || to.pair_victim != from.pair_victim ||
          to.pair_aggressor != from.pair_aggressor || to.direction != from.direction ||
          to.temperature_c.size() != from.temperature_c.size()) {
        throw InputError("curves of several devices: chip \"" + to.key +
                         "\" differs; characterise them with equal options");
      }
      append(to.control, from.control);
      append(to.response, from.response);
      append(to.sigma, from.sigma);
      append(to.pair_victim_control, from.pair_victim_control);
      append(to.pair_control, from.pair_control);
      append(to.pair_response, from.pair_response);
      append(to.pair_sigma, from.pair_sigma);
      for (std::size_t t = 0; t < to.temperature_c.size(); ++t) {
        to.temperature_c[t] += (from.temperature_c[t] - to.temperature_c[t]) / double(d + 1);
      }
    }
  }
  return out;
}

}  // namespace pnn::study
