#include "pnn/platforms/mrr/lab/laser_sweeps.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/system.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platforms/mrr/lab/bench.hpp"
#include "pnn/platforms/mrr/lab/coverage.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

/// Which wavelengths the laser of each channel takes, as steps from where it is used: [begin, end) of them,
/// in each order.
struct Comb {
  double step_nm = 0, start_nm = 0;  ///< offset of step 0
  Index steps_of_order = 0;
  std::vector<Index> begin, end;  ///< [channel]
  [[nodiscard]] double offset_nm(Index step, Index order) const {
    return start_nm + double(step + order * steps_of_order) * step_nm;
  }
};

constexpr Index orders = 2;

double width_nm(const Process& p) {
  const double g = p.r * p.r * p.a;
  return 2 * p.fsr_nm / std::numbers::pi * std::asin(std::min(1.0, (1 - g) / 2 / std::sqrt(g)));
}

/// `channels` of a row are used. `alone`: each laser takes the whole range.
Comb comb_of(const Process& p, const LaserSettings& lasers, Index channels, bool alone) {
  constexpr double points_of_width = 12, fewest_of_width = 3;
  const double width = width_nm(p), wanted = lasers.step_nm > 0 ? lasers.step_nm : width / points_of_width;
  if (wanted > width / fewest_of_width)
    throw UsageError("--laser-step: " + format_short(wanted, 3) + " nm is too coarse for rings that are " +
                     format_short(width, 3) + " nm wide; take " + format_short(width / fewest_of_width, 2) +
                     " nm or less");
  Comb comb;
  const Index within = std::max<Index>(1, Index(std::lround(p.channel_spacing_nm / wanted)));
  comb.step_nm = p.channel_spacing_nm / double(within);
  comb.steps_of_order = Index(std::lround(p.fsr_nm / comb.step_nm));
  comb.start_nm = -p.delta_nm;  // about where the rings are
  const Index half = alone ? comb.steps_of_order / 2 : within / 2;
  for (Index channel = 0; channel < channels; ++channel) {
    comb.begin.push_back(-half);
    comb.end.push_back(alone ? comb.steps_of_order - half : within - half);
  }
  if (!alone) comb.end.back() += comb.steps_of_order - within * channels;
  return comb;
}

/// One sweep: a row, or a ring, with one heater on or none.
struct Sweep {
  std::vector<std::size_t> rings;  ///< through whose channels the row is read
  std::optional<std::size_t> heated;
  double current_ma = 0;
  Comb comb;
  std::size_t spectrum = 0;  ///< its number within one temperature
};

class LaserSweeps final : public Measurement {
 public:
  LaserSweeps(device::Device& device, const CharacterizeSettings& settings, ChipCoverage coverage,
              bool several_chips)
      : device_(device), settings_(settings), coverage_(std::move(coverage)) {
    const device::LayerPort& port = device.layers()[coverage_.layers.front()];
    curves.key = coverage_.key;
    curves.temperature_c.assign(std::max<std::size_t>(1, settings.temperatures_c.size()), 0.0);
    elements_ = port.plan->element_names();
    if (several_chips)
      for (std::string& name : elements_) name = coverage_.key + " " + name;
    plan_sweeps();
    std::size_t points = 0;
    for (const Sweep& sweep : sweeps_) points += points_of(sweep);
    require_memory(points * temperatures() * 2 * sizeof(double), "the spectra of " + coverage_.key);
    readings_ = points;
  }
  [[nodiscard]] std::uint64_t readings() const override { return readings_ * temperatures(); }

  void sweep(std::size_t, const Take& take) override {
    const auto p = settings_.process.as<Process>();
    const std::size_t first = spectra.size();
    for (const Sweep& one : sweeps_) spectra.push_back(begin(one, p));
    // all sweeps share the steps of the lasers: those of a longer one come later
    Index least = 0, most = 0;
    for (const Sweep& one : sweeps_) {
      least = std::min(least, *std::min_element(one.comb.begin.begin(), one.comb.begin.end()));
      most = std::max(most, *std::max_element(one.comb.end.begin(), one.comb.end.end()));
    }
    for (Index order = 0; order < orders; ++order)
      for (Index step = least; step < most; ++step) read_step(step, order, first, take);
  }

 private:
  [[nodiscard]] std::size_t temperatures() const { return curves.temperature_c.size(); }
  static std::size_t points_of(const Sweep& sweep) {
    Index points = 0;
    for (std::size_t c = 0; c < sweep.rings.size(); ++c) points += sweep.comb.end[c] - sweep.comb.begin[c];
    return std::size_t(points * orders);
  }

  void plan_sweeps() {
    const auto p = settings_.process.as<Process>();
    const bool alone = p.reach == 0;
    const BankPlan& plan = *bank_of(device_.layers()[coverage_.layers.front()].plan);
    std::vector<std::vector<std::size_t>> buses;  // the rings whose channels are swept together
    for (std::size_t ring = 0; ring < coverage_.measured_by.size(); ++ring) {
      if (coverage_.measured_by[ring] < 0) continue;
      const bool same_row = !buses.empty() && buses.back().front() / std::size_t(plan.chip_cols) ==
                                                  ring / std::size_t(plan.chip_cols);
      if (alone || !same_row) buses.emplace_back();
      buses.back().push_back(ring);
    }
    const device::LayerPort& port = device_.layers()[coverage_.layers.front()];
    std::vector<double> currents = equal_power_steps(port, std::max(2, settings_.lasers.heater_powers));
    currents.resize(std::size_t(settings_.lasers.heater_powers));
    for (const std::vector<std::size_t>& bus : buses) {
      // the layer that lights the last channel of a row lights them all, so that heater and reading are in
      // one
      for (const std::size_t ring : bus) coverage_.measured_by[ring] = coverage_.measured_by[bus.back()];
      const Comb comb = comb_of(p, settings_.lasers, Index(bus.size()), alone);
      sweeps_.push_back({bus, std::nullopt, currents.front(), comb, sweeps_.size()});
      for (const std::size_t heated : bus)
        for (std::size_t k = 1; k < currents.size(); ++k)
          sweeps_.push_back({bus, heated, currents[k], comb, sweeps_.size()});
    }
  }

  [[nodiscard]] double laser_nm(std::size_t ring, const Process& p) const {
    const BankPlan& plan = *bank_of(device_.layers()[coverage_.layers.front()].plan);
    return settings_.lasers.first_nm + p.channel_spacing_nm * double(Index(ring) % plan.chip_cols);
  }

  /// Its wavelengths, and what is known of it.
  model::Spectrum begin(const Sweep& sweep, const Process& p) const {
    model::Spectrum s;
    const std::string& name = elements_[sweep.rings.front()];
    s.bus = sweep.rings.size() > 1 || p.reach > 0 ? name.substr(0, name.rfind(" col ")) : name;
    s.current_ma = sweep.current_ma;
    if (sweep.heated) s.heater = elements_[*sweep.heated];
    s.decibel = false;
    const Comb& comb = sweep.comb;
    for (Index order = 0; order < orders; ++order)
      for (std::size_t c = 0; c < sweep.rings.size(); ++c)
        for (Index step = comb.begin[c]; step < comb.end[c]; ++step)
          s.wavelength_nm.push_back(laser_nm(sweep.rings[c], p) + comb.offset_nm(step, order));
    for (const std::size_t ring : sweep.rings) s.laser_nm.push_back(laser_nm(ring, p));
    s.ports = {
        {p.polarity() == Polarity::drop_thru ? model::BusPort::drop_through : model::BusPort::through_drop,
         std::vector<double>(s.wavelength_nm.size())}};
    return s;
  }

  /// All lasers at one step: a reading of each channel of each sweep that has it.
  void read_step(Index step, Index order, std::size_t first, const Take& take) {
    std::vector<Job> jobs;
    std::vector<double*> places;
    const Comb* comb = nullptr;
    for (const Sweep& sweep : sweeps_) {
      std::size_t at = 0;
      for (std::size_t c = 0; c < sweep.rings.size(); ++c) {
        const Index begin = sweep.comb.begin[c], end = sweep.comb.end[c];
        if (step >= begin && step < end) {
          Job job{sweep.rings[c], parked(sweep), {}, 0};
          if (sweep.heated == job.ring) {
            job.control_ma = sweep.current_ma;
          } else if (sweep.heated) {
            job.heated = sweep.heated, job.heated_ma = sweep.current_ma;
          }
          jobs.push_back(job);
          std::vector<double>& power = spectra[first + sweep.spectrum].ports.front().power;
          places.push_back(
              &power[std::size_t(order) * power.size() / orders + at + std::size_t(step - begin)]);
          comb = &sweep.comb;
        }
        at += std::size_t(end - begin);
      }
    }
    if (jobs.empty()) return;
    tune(comb->offset_nm(step, order));
    const std::vector<Reading> readings =
        read_all(device_, coverage_, settings_.averages, settings_.settle_s, jobs, take);
    for (std::size_t k = 0; k < readings.size(); ++k) *places[k] = readings[k].mean;
  }
  [[nodiscard]] double parked(const Sweep& sweep) const {
    return sweep.heated ? sweeps_.front().current_ma : sweep.current_ma;
  }

  device::Device& device_;
  const CharacterizeSettings& settings_;
  ChipCoverage coverage_;
  std::vector<std::string> elements_;
  std::vector<Sweep> sweeps_;
  std::uint64_t readings_ = 0;
};

}  // namespace

std::vector<std::unique_ptr<Measurement>> laser_sweeps(device::Device& device,
                                                       const CharacterizeSettings& settings) {
  std::vector<AnyPlan> plans;
  for (const device::LayerPort& port : device.layers()) plans.push_back(port.plan);
  std::vector<ChipCoverage> chips = chip_coverage(plans);
  std::vector<std::unique_ptr<Measurement>> all;
  for (ChipCoverage& chip : chips)
    all.push_back(std::make_unique<LaserSweeps>(device, settings, std::move(chip), chips.size() > 1));
  return all;
}

}  // namespace pnn::platforms::mrr::lab
