#include "pnn/platforms/mrr/lab/characterize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platforms/mrr/lab/bench.hpp"
#include "pnn/platforms/mrr/lab/coverage.hpp"
#include "pnn/platforms/mrr/platform.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

constexpr double no_reading = std::numeric_limits<double>::quiet_NaN();

std::vector<double> sweep_controls(const device::LayerPort& port, const CharacterizeSettings& settings) {
  return settings.in_order(equal_power_steps(port, settings.points));
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
std::vector<std::size_t> aggressors_of(std::size_t victim, const BankPlan& plan,
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

/// What the sweeps of a chip need beside its coverage.
struct Session {
  device::Device& device;
  const CharacterizeSettings& settings;
};

std::vector<Reading> read_all(const Session& session, const ChipCoverage& chip, const std::vector<Job>& jobs,
                              const Take& take) {
  return lab::read_all(session.device, chip, session.settings.averages, session.settings.settle_s, jobs,
                       take);
}

/// All single-ring sweeps of one chip at the temperature `sweep`, into its arrays.
void sweep_rings(const Session& session, const ChipCoverage& coverage, std::size_t sweep, const Take& take,
                 ChipCurves& chip) {
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
  const std::vector<Reading> readings = read_all(session, coverage, jobs, take);
  for (std::size_t k = 0; k < readings.size(); ++k) {
    chip.response.data[places[k]] = readings[k].mean;
    chip.sigma.data[places[k]] = readings[k].error;
  }
}

constexpr std::size_t most_victims = 256, pair_points = 9;

void plan_pairs(const ChipCoverage& coverage, const std::vector<AnyPlan>& plans, ChipCurves& chip) {
  std::vector<std::size_t> measured;
  for (std::size_t ring = 0; ring < coverage.measured_by.size(); ++ring) {
    if (coverage.measured_by[ring] >= 0) measured.push_back(ring);
  }
  const std::size_t victims = std::min(most_victims, measured.size());
  for (std::size_t k = 0; k < victims; ++k) {
    const std::size_t victim = measured[k * measured.size() / victims];
    const BankPlan& plan = *bank_of(plans[std::size_t(coverage.measured_by[victim])]);
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

void sweep_pairs(const Session& session, const ChipCoverage& coverage, const Take& take, ChipCurves& chip) {
  const std::size_t pairs = chip.pair_victim.size(), sweeps = chip.response.dim(2),
                    points = chip.response.dim(3);
  for (std::size_t q = 0; q < pairs; ++q) {
    const std::size_t victim = std::size_t(chip.pair_victim[q]), begin = victim * sweeps * points;
    const std::span<const double> control(chip.control.data.data() + begin, points);
    chip.pair_victim_control.data[q] = flank_control(control, {chip.response.data.data() + begin, points});
    const device::LayerPort& port = session.device.layers()[std::size_t(coverage.measured_by[victim])];
    const std::vector<double> steps = equal_power_steps(port, int(pair_points));
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
  const std::vector<Reading> readings = read_all(session, coverage, jobs, take);
  for (std::size_t k = 0; k < readings.size(); ++k) {
    chip.pair_response.data[places[k]] = readings[k].mean;
    chip.pair_sigma.data[places[k]] = readings[k].error;
  }
}

ChipCurves empty_curves(const ChipCoverage& coverage, const device::Device& device,
                        const CharacterizeSettings& settings) {
  const std::vector<device::LayerPort>& ports = device.layers();
  ChipCurves chip;
  chip.key = coverage.key;
  for (const std::size_t layer : coverage.layers) chip.layers.push_back(ports[layer].plan->name());
  chip.elements = ports[coverage.layers.front()].plan->element_names();
  chip.temperature_c = settings.temperatures_c;
  if (chip.temperature_c.empty()) chip.temperature_c.push_back(0);  // read while measuring
  const std::size_t elements = chip.elements.size(), sweeps = chip.temperature_c.size(),
                    points = settings.directions().size();
  // counted before anything is laid out; readers take 64 GiB
  constexpr double most = 8'589'934'592.0;
  const double places = double(elements) * double(sweeps) * double(points);
  if (places > most)
    throw UsageError("too many readings: " + format_short(places, 4) + " (" + std::to_string(elements) +
                     " elements, --temperatures and --points multiplied); at most " +
                     std::to_string(std::size_t(most)) + " are possible");
  require_memory(std::uint64_t(places) * 3 * sizeof(double), "the curves of " + chip.key);
  chip.direction = settings.directions();
  chip.control = chip.response = chip.sigma = Array<double>({1, elements, sweeps, points}, no_reading);
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

class Sweeps final : public Measurement {
 public:
  Sweeps(device::Device& device, const CharacterizeSettings& settings, const std::vector<AnyPlan>& plans,
         ChipCoverage coverage)
      : session_{device, settings}, coverage_(std::move(coverage)) {
    curves = empty_curves(coverage_, device, settings);
    if (settings.crosstalk) plan_pairs(coverage_, plans, curves);
  }
  [[nodiscard]] std::uint64_t readings() const override {
    const auto measured = std::count_if(coverage_.measured_by.begin(), coverage_.measured_by.end(),
                                        [](int by) { return by >= 0; });
    return std::uint64_t(measured) * curves.response.dim(2) * curves.response.dim(3) +
           curves.pair_control.size();
  }
  void sweep(std::size_t sweep, const Take& take) override {
    sweep_rings(session_, coverage_, sweep, take, curves);
    if (sweep == 0 && session_.settings.crosstalk) sweep_pairs(session_, coverage_, take, curves);
  }

 private:
  Session session_;
  ChipCoverage coverage_;
};

}  // namespace

std::vector<std::unique_ptr<Measurement>> ring_sweeps(device::Device& device,
                                                      const CharacterizeSettings& settings) {
  std::vector<AnyPlan> plans;
  for (const device::LayerPort& port : device.layers()) plans.push_back(port.plan);
  std::vector<std::unique_ptr<Measurement>> all;
  for (ChipCoverage& coverage : chip_coverage(plans))
    all.push_back(std::make_unique<Sweeps>(device, settings, plans, std::move(coverage)));
  return all;
}

}  // namespace pnn::platforms::mrr::lab
