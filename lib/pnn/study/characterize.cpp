#include "pnn/study/characterize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"
#include "pnn/model/coverage.hpp"
#include "pnn/model/model.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/study/bench.hpp"
#include "pnn/study/fringes.hpp"
#include "pnn/study/registration.hpp"

namespace pnn::study {
namespace {

constexpr double unmeasured = std::numeric_limits<double>::quiet_NaN();

/// Points of a sweep: equal steps of I², in float as a device is told.
std::vector<double> upward_controls(const device::LayerPort& port, int points) {
  std::vector<double> out;
  const double low = port.lower * port.lower, high = port.upper * port.upper;
  const platform::FloatRange ends = platform::inwards(port.lower, port.upper);
  for (int p = 0; p < points; ++p) {
    const double control = std::sqrt(low + (high - low) * p / (points - 1));
    out.push_back(double(std::clamp(float(control), ends.lower, ends.upper)));
  }
  return out;
}

std::vector<double> sweep_controls(const device::LayerPort& port, const CharacterizeSettings& settings) {
  return settings.in_order(upward_controls(port, settings.points));
}

/// Control at which a curve crosses the middle of its range, coming from its extremum towards lower controls.
/// Points in any order.
double flank_control(std::span<const double> controls, std::span<const double> responses) {
  std::vector<std::pair<double, double>> points;
  for (std::size_t k = 0; k < controls.size(); ++k) points.emplace_back(controls[k], responses[k]);
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<double> control, response;
  for (const auto& [c, r] : points) control.push_back(c), response.push_back(r);
  const auto [least, most] = std::minmax_element(response.begin(), response.end());
  const double middle = (*least + *most) / 2;
  // the resonance is the extremum away from where the curve starts
  const auto top = std::abs(*most - response[0]) > std::abs(*least - response[0]) ? most : least;
  const double direction = *top > middle ? 1 : -1;
  std::size_t k = std::size_t(top - response.begin());
  while (k > 0 && direction * (response[k] - middle) > 0) --k;
  return control[k];
}

/// Rings to be heated beside a victim: at most one for each of a handful of distances.
std::vector<std::size_t> aggressors_of(std::size_t victim, const platform::BankPlan& plan,
                                       const std::vector<int>& measured_by) {
  const Index rings = plan.rings_per_chip(), local = Index(victim) % rings, first = Index(victim) - local;
  const Index row = local / plan.chip_cols, col = local % plan.chip_cols;
  struct Step {
    Index rows, cols;
  };
  const std::vector<Step> other_rows = {{1, 0}, {1, 1}, {2, 0}, {2, 1}}, same_row = {{0, 1}, {0, 2}, {0, 3}};
  std::vector<std::size_t> out;
  const auto look = [&](const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      // all four mirror images, starting with another one for each victim so that no side is preferred
      for (Index turn = 0; turn < 4; ++turn) {
        const Index image = (turn + local) % 4;
        const Index r = row + (image & 1 ? -step.rows : step.rows),
                    c = col + (image & 2 ? -step.cols : step.cols);
        if (r < 0 || c < 0 || r >= plan.chip_rows || c >= plan.chip_cols) continue;
        const std::size_t ring = std::size_t(first + r * plan.chip_cols + c);
        // a pair must be reachable through one layer
        if (measured_by[ring] < 0 || measured_by[ring] != measured_by[victim]) continue;
        out.push_back(ring);
        break;
      }
    }
  };
  look(other_rows);
  if (out.empty()) look(same_row);
  return out;
}

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

  double temperature_c() {
    if (recorder.knows_temperature()) return recorder.next_temperature();
    catch_up();
    const double read = device.read("temperature");
    recorder.add_temperature(read);
    return read;
  }
};

/// Runs the jobs of a chip, each through the layer that measures its ring; results in order of jobs.
std::vector<Reading> read_all(Session& session, const model::ChipCoverage& chip,
                              const std::vector<Job>& jobs) {
  std::vector<Reading> readings(jobs.size());
  for (const std::size_t layer : chip.layers) {
    std::vector<Job> mine;
    std::vector<std::size_t> numbers;
    for (std::size_t k = 0; k < jobs.size(); ++k) {
      if (chip.measured_by[jobs[k].ring] != int(layer)) continue;
      mine.push_back(jobs[k]);
      numbers.push_back(k);
    }
    if (mine.empty()) continue;
    Bench bench(session.device, layer, session.settings.averages, session.settings.settle_s);
    const std::vector<Reading> read = bench.read(
        mine, [&](std::size_t count, const auto& measure) { return session.take(count, measure); });
    for (std::size_t k = 0; k < read.size(); ++k) readings[numbers[k]] = read[k];
  }
  return readings;
}

/// All single-ring sweeps of one chip at the temperature `sweep`, into its arrays.
void sweep_rings(Session& session, const model::ChipCoverage& coverage, std::size_t sweep,
                 model::ChipCurves& chip) {
  const std::size_t sweeps = chip.response.dim(2), points = chip.response.dim(3);
  std::vector<Job> jobs;
  std::vector<std::size_t> places;
  for (std::size_t p = 0; p < points; ++p) {
    for (std::size_t ring = 0; ring < coverage.measured_by.size(); ++ring) {
      if (coverage.measured_by[ring] < 0) continue;
      const std::size_t at = (ring * sweeps + sweep) * points + p;
      jobs.push_back({ring, chip.control.data[at], std::nullopt, 0});
      places.push_back(at);
    }
  }
  const std::vector<Reading> readings = read_all(session, coverage, jobs);
  for (std::size_t k = 0; k < readings.size(); ++k) {
    chip.response.data[places[k]] = readings[k].mean;
    chip.sigma.data[places[k]] = readings[k].error;
  }
}

constexpr std::size_t most_victims = 256, pair_points = 9;

void plan_pairs(const model::ChipCoverage& coverage, const std::vector<platform::LayerPlan>& plans,
                model::ChipCurves& chip) {
  std::vector<std::size_t> measured;
  for (std::size_t ring = 0; ring < coverage.measured_by.size(); ++ring) {
    if (coverage.measured_by[ring] >= 0) measured.push_back(ring);
  }
  const std::size_t victims = std::min(most_victims, measured.size());
  for (std::size_t k = 0; k < victims; ++k) {
    const std::size_t victim = measured[k * measured.size() / victims];
    const platform::BankPlan& plan = *plans[std::size_t(coverage.measured_by[victim])].bank();
    for (const std::size_t aggressor : aggressors_of(victim, plan, coverage.measured_by)) {
      chip.pair_victim.push_back(int(victim));
      chip.pair_aggressor.push_back(int(aggressor));
    }
  }
  const std::size_t pairs = chip.pair_victim.size();
  if (pairs == 0) {
    throw UsageError("chip \"" + chip.key +
                     "\" has no two neighbouring rings in one layer: no crosstalk to measure");
  }
  chip.pair_victim_control = Array<double>({1, pairs});
  chip.pair_control = chip.pair_response = chip.pair_sigma = Array<double>({1, pairs, pair_points});
}

void sweep_pairs(Session& session, const model::ChipCoverage& coverage, model::ChipCurves& chip) {
  const std::size_t pairs = chip.pair_victim.size(), sweeps = chip.response.dim(2),
                    points = chip.response.dim(3);
  for (std::size_t q = 0; q < pairs; ++q) {
    const std::size_t victim = std::size_t(chip.pair_victim[q]), begin = victim * sweeps * points;
    const std::span<const double> control(chip.control.data.data() + begin, points);
    chip.pair_victim_control.data[q] = flank_control(control, {chip.response.data.data() + begin, points});
    const device::LayerPort& port = session.device.layers()[std::size_t(coverage.measured_by[victim])];
    const std::vector<double> steps = upward_controls(port, int(pair_points));
    std::copy(steps.begin(), steps.end(), chip.pair_control.data.begin() + std::ptrdiff_t(q * pair_points));
  }
  std::vector<Job> jobs;
  std::vector<std::size_t> places;
  for (std::size_t p = 0; p < pair_points; ++p) {
    for (std::size_t q = 0; q < pairs; ++q) {
      const std::size_t at = q * pair_points + p;
      jobs.push_back({std::size_t(chip.pair_victim[q]), chip.pair_victim_control.data[q],
                      std::size_t(chip.pair_aggressor[q]), chip.pair_control.data[at]});
      places.push_back(at);
    }
  }
  const std::vector<Reading> readings = read_all(session, coverage, jobs);
  for (std::size_t k = 0; k < readings.size(); ++k) {
    chip.pair_response.data[places[k]] = readings[k].mean;
    chip.pair_sigma.data[places[k]] = readings[k].error;
  }
}

model::ChipCurves empty_curves(const model::ChipCoverage& coverage, const device::Device& device,
                               const CharacterizeSettings& settings) {
  const std::vector<device::LayerPort>& ports = device.layers();
  model::ChipCurves chip;
  chip.key = coverage.key;
  for (const std::size_t layer : coverage.layers) chip.layers.push_back(ports[layer].plan.name());
  chip.elements = model::element_names(ports[coverage.layers.front()].plan);
  chip.temperature_c = settings.temperatures_c;
  if (chip.temperature_c.empty()) chip.temperature_c.push_back(0);  // read while measuring
  const std::size_t elements = chip.elements.size(), sweeps = chip.temperature_c.size(),
                    points = settings.directions().size();
  // checked before memory is allocated; readers accept 64 GiB
  constexpr double most = 8'589'934'592.0;
  const double places = double(elements) * double(sweeps) * double(points);
  if (places > most)
    throw UsageError("too many readings: " + format_short(places, 4) + " (" + std::to_string(elements) +
                     " elements, --temperatures and --points multiplied); at most " +
                     std::to_string(std::size_t(most)) + " are possible");
  require_memory(std::uint64_t(places) * 3 * sizeof(double), "the curves of " + chip.key);
  chip.direction = settings.directions();
  chip.control = chip.response = chip.sigma = Array<double>({1, elements, sweeps, points}, unmeasured);
  for (std::size_t ring = 0; ring < elements; ++ring) {
    const int by = coverage.measured_by[ring];
    if (by < 0) continue;
    const std::vector<double> steps = sweep_controls(ports[std::size_t(by)], settings);
    for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
      std::copy(steps.begin(), steps.end(),
                chip.control.data.begin() + std::ptrdiff_t((ring * sweeps + sweep) * points));
    }
  }
  return chip;
}

}  // namespace

std::vector<int> CharacterizeSettings::directions() const {
  std::vector<int> out;
  if (direction != "down") out.assign(std::size_t(points), 1);
  if (direction != "up") out.insert(out.end(), std::size_t(points), -1);
  return out;
}

std::vector<double> CharacterizeSettings::in_order(const std::vector<double>& upward) const {
  std::vector<double> out;
  if (direction != "down") out = upward;
  if (direction != "up") out.insert(out.end(), upward.rbegin(), upward.rend());
  return out;
}

void CharacterizeSettings::describe(Options& options) {
  options.group("Sweeps");
  options.integer("points", points, "N", "points of a sweep, in equal steps of heater power",
                  Limits::between(8, 100000));
  options.integer("averages", averages, "N", "readings of each point", Limits::between(1, 100000));
  options.number("settle", settle_s, "S", "time that passes after heaters were set, before a reading (s)",
                 Limits::between(0, 1e6));
  options.choice(
      "direction", direction, {"up", "down", "both"},
      "sweeps towards higher currents, lower ones, or up and then down, whose difference is hysteresis");
  options.flag("crosstalk", crosstalk, "also sweep pairs of rings, for the thermal crosstalk");
  options.numbers("temperatures", temperatures_c, "C,C,…",
                  "ambient temperatures (°C) at which to sweep; of rings, two or more identify the tuning "
                  "efficiency");
}

namespace {

void check(const CharacterizeSettings& settings) {
  if (settings.points < 8)
    throw UsageError("points: expected 8 or more, found " + std::to_string(settings.points));
  if (settings.averages < 1)
    throw UsageError("averages: expected 1 or more, found " + std::to_string(settings.averages));
  if (!(settings.settle_s >= 0) || !std::isfinite(settings.settle_s))
    throw UsageError("settle: expected a time of 0 s or more, found " + format_number(settings.settle_s));
  if (settings.direction != "up" && settings.direction != "down" && settings.direction != "both")
    throw UsageError("direction: expected up, down or both, found \"" + settings.direction + "\"");
}

/// How the curves of a layer that is no ring bank are measured: how many readings, and what they give.
struct LayerBench {
  std::size_t layer;
  std::uint64_t readings;
  model::ChipCurves (*measure)(device::Device&, std::size_t layer, const CharacterizeSettings&,
                               const Take& take);
};

/// Those of the meshes and displays, once the settings are known to suit what the device has.
std::vector<LayerBench> layer_benches(device::Device& device, bool has_rings,
                                      const CharacterizeSettings& settings) {
  std::vector<LayerBench> benches;
  for (std::size_t k = 0; k < device.layers().size(); ++k) {
    const device::LayerPort& port = device.layers()[k];
    const platform::LayerPlan& plan = port.plan;
    const double whole = plan.mesh() != nullptr ? 2 * std::numbers::pi : plan.freespace() != nullptr ? 1 : 0;
    if (port.upper - port.lower < whole - 1e-6)
      throw UsageError("layer " + plan.name() + ": its curves take the whole range of every control (" +
                       format_short(whole) + " " + plan.control_unit() +
                       "), and its controls are limited to " + format_number(port.lower) + ":" +
                       format_number(port.upper));
    if (plan.mesh() != nullptr) benches.push_back({k, fringe_readings(device, k, settings), measure_fringes});
    if (plan.freespace() != nullptr)
      benches.push_back({k, registration_readings(device, k), measure_targets});
  }
  if (!has_rings && benches.empty())
    throw UsageError(
        "the device has no layer of rings, interferometers or a display, whose curves could be measured");
  if (!has_rings && settings.crosstalk)
    throw UsageError("crosstalk: pair sweeps are of rings, and the device has none");
  if (!benches.empty() && settings.temperatures_c.size() > 1)
    throw UsageError("temperatures: meshes and displays are measured at one temperature, found " +
                     std::to_string(settings.temperatures_c.size()));
  return benches;
}

}  // namespace

model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress) {
  Recorder recorder;
  return characterize(device, settings, progress, recorder);
}

model::Curves characterize(device::Device& device, const CharacterizeSettings& settings, Progress& progress,
                           Recorder& recorder) {
  check(settings);
  std::vector<platform::LayerPlan> plans;
  for (const device::LayerPort& port : device.layers()) plans.push_back(port.plan);
  const std::vector<model::ChipCoverage> coverages = model::chip_coverage(plans);
  const std::vector<LayerBench> benches = layer_benches(device, !coverages.empty(), settings);

  model::Curves curves;
  curves.averages = settings.averages;
  curves.settle_s = settings.settle_s;
  Session session{device, settings, progress, recorder};
  for (const model::ChipCoverage& coverage : coverages) {
    curves.chips.push_back(empty_curves(coverage, device, settings));
    model::ChipCurves& chip = curves.chips.back();
    if (settings.crosstalk) plan_pairs(coverage, plans, chip);
    const auto measured = std::count_if(coverage.measured_by.begin(), coverage.measured_by.end(),
                                        [](int by) { return by >= 0; });
    session.total +=
        std::uint64_t(measured) * chip.response.dim(2) * chip.response.dim(3) + chip.pair_control.size();
  }
  for (const LayerBench& bench : benches) session.total += bench.readings;

  const std::size_t sweeps = std::max<std::size_t>(1, settings.temperatures_c.size());
  /// The temperature of what `measure` measures: as commanded, or as read before and after.
  const auto temperature_of = [&](std::size_t sweep, const auto& measure) {
    const double before = settings.temperatures_c.empty() ? session.temperature_c() : 0;
    measure();
    return settings.temperatures_c.empty() ? (before + session.temperature_c()) / 2
                                           : settings.temperatures_c[sweep];
  };
  for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
    device::Conditions conditions = settings.conditions;
    // a device's noise is a function of its clock: two sweeps at one time would share it
    conditions.start_s += double(session.calls) * (conditions.dt_s + settings.settle_s);
    if (!settings.temperatures_c.empty()) conditions.temperature_c = settings.temperatures_c[sweep];
    if (settings.impose || !settings.temperatures_c.empty()) device.impose(conditions);
    session.skipped = 0;
    for (std::size_t k = 0; k < coverages.size(); ++k) {
      curves.chips[k].temperature_c[sweep] = temperature_of(sweep, [&] {
        sweep_rings(session, coverages[k], sweep, curves.chips[k]);
        if (sweep == 0 && settings.crosstalk) sweep_pairs(session, coverages[k], curves.chips[k]);
      });
    }
    for (const LayerBench& bench : benches) {
      model::ChipCurves chip;
      const double temperature = temperature_of(sweep, [&] {
        chip = bench.measure(device, bench.layer, settings, [&](std::size_t count, const auto& measure) {
          return session.take(count, measure);
        });
      });
      chip.temperature_c = {temperature};
      curves.chips.push_back(std::move(chip));
    }
  }
  return curves;
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
