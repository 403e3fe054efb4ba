// Parameters of rings: the nominal ones, and draws from the fabrication process.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <span>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platforms/mrr/bank.hpp"

namespace pnn::platforms::mrr {

namespace {

/// What the rings of a die have in common, for each of the five parameters.
class DieParts {
 public:
  DieParts(const Process& process, std::pair<Index, Index> die, const Stream& common, const Stream& smooth)
      : shares_(shares_of(process)),
        rings_(std::size_t(die.first * die.second)),
        common_(common),
        smooth_(smooth) {
    if (std::any_of(shares_.begin(), shares_.end(), [](const auto& s) { return s.second.smooth > 0; }))
      field_.emplace(die.first, die.second, 1, process.correlation_length);
  }
  /// Gives the independent numbers of a parameter, [die, ring], their common parts.
  void correlate(std::size_t parameter, std::span<double> z) const {
    const SpreadShares& shares = shares_[parameter].second;
    if (shares.independent()) return;
    std::vector<double> field;
    for (std::size_t die = 0; die * rings_ < z.size(); ++die) {
      const std::size_t number = die * shares_.size() + parameter, first = die * rings_;
      if (shares.smooth > 0) field_->sample(smooth_, number * field_->numbers(), field);
      platform::correlate(
          shares, normal(common_, std::uint32_t(number)), field, [](std::size_t ring) { return ring; },
          z.subspan(first, std::min(rings_, z.size() - first)));
    }
  }

 private:
  std::array<std::pair<const char*, SpreadShares>, 5> shares_;
  std::size_t rings_;
  Stream common_, smooth_;
  std::optional<platform::SmoothField> field_;
};

void set_nominal(const Process& process, Index rings, bool ideal, RingParameters& out) {
  const auto count = std::size_t(rings);
  out.delta_nm.assign(count, process.delta_nm);
  out.eta_nm_per_mw.assign(count, process.eta_nm_per_mw);
  out.resistance_ohm.assign(count, process.resistance_ohm);
  out.beta_per_ma2.assign(count, ideal ? 0 : process.beta_per_ma2);
  out.r.assign(count, process.r);
  out.a.assign(count, process.a);
}

}  // namespace

RingTransmission ring_transmission(double detuning_nm, double fsr_nm, double r1, double r2, double a) {
  const double cosine = std::cos(2 * std::numbers::pi * detuning_nm / fsr_nm);
  const double denominator = 1 - 2 * r1 * r2 * a * cosine + (r1 * r2 * a) * (r1 * r2 * a);
  return {(1 - r1 * r1) * (1 - r2 * r2) * a / denominator,
          ((r2 * a) * (r2 * a) - 2 * r1 * r2 * a * cosine + r1 * r1) / denominator};
}

BankPhysics full_physics(const Process& process) {
  BankPhysics physics = ideal_physics(process);
  physics.response = Response::airy_bank;
  physics.crosstalk = process.crosstalk;
  physics.crosstalk_length = process.crosstalk_length;
  physics.crosstalk_cutoff = process.crosstalk_cutoff;
  physics.package_k_per_mw = process.package_k_per_mw;
  physics.reach = int(process.reach);
  return physics;
}

BankPhysics ideal_physics(const Process& process) {
  BankPhysics physics;
  physics.response = Response::airy;
  physics.fsr_nm = process.fsr_nm;
  physics.kappa_nm_per_k = process.kappa_nm_per_k;
  physics.channel_spacing_nm = process.channel_spacing_nm;
  physics.crosstalk = 0;
  physics.package_k_per_mw = 0;
  physics.reach = 0;
  physics.current_min_ma = process.current_min_ma;
  physics.current_max_ma = process.current_max_ma;
  physics.response_spread_nm = process.delta_sigma_nm;
  physics.polarity = process.polarity();
  return physics;
}

RingParameters nominal_rings(const Process& process, Index rings, bool ideal) {
  RingParameters out;
  set_nominal(process, rings, ideal, out);
  return out;
}

RingParameters draw_rings(const Process& process, Index rings, std::uint64_t seed, int purpose,
                          std::uint16_t chip_stream, std::uint32_t device, std::uint32_t step,
                          std::pair<Index, Index> die) {
  RingParameters out;
  draw_rings(process, rings, seed, purpose, chip_stream, device, step, die, out);
  return out;
}

void draw_rings(const Process& process, Index rings, std::uint64_t seed, int purpose,
                std::uint16_t chip_stream, std::uint32_t device, std::uint32_t step,
                std::pair<Index, Index> die, RingParameters& out) {
  require(chip_stream < 8192, "rings: a chip's number leaves three bits for the parameter");
  set_nominal(process, rings, false, out);
  // Eight streams a chip, one a parameter, then dead heaters, what dies have in common, and what varies over
  // them: append, never renumber.
  const auto stream_of = [&](int number) {
    return Stream{seed, Purpose(purpose), std::uint16_t(chip_stream * 8 + number), device, step};
  };
  const DieParts parts(process, die.first > 0 ? die : std::pair<Index, Index>{1, rings}, stream_of(6),
                       stream_of(7));
  const auto draw = [&](std::vector<double>& values, std::size_t parameter, double sigma, double low,
                        double high) {
    if (sigma == 0 || values.empty()) return;
    const double nominal = values.front();
    fill_normal(stream_of(int(parameter)), values);
    parts.correlate(parameter, values);
#pragma omp simd
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] = std::min(std::max(nominal + sigma * values[k], low), high);
  };
  constexpr double unbounded = 1e300, least_factor = 0.1;
  const double eta = process.eta_nm_per_mw, resistance = process.resistance_ohm;
  const double least_beta =
      std::min(process.beta_per_ma2, -0.45 / (process.current_max_ma * process.current_max_ma));
  draw(out.delta_nm, 0, process.delta_sigma_nm, -unbounded, unbounded);
  draw(out.eta_nm_per_mw, 1, process.eta_sigma * eta, least_factor * eta, unbounded);
  draw(out.resistance_ohm, 2, process.resistance_sigma * resistance, least_factor * resistance, unbounded);
  draw(out.beta_per_ma2, 3, process.beta_sigma * std::abs(process.beta_per_ma2), least_beta, unbounded);
  draw(out.r, 4, process.r_sigma, std::min(0.90, process.r), std::max(0.995, process.r));
  if (process.dead > 0) {
    const Stream stream = stream_of(5);
    for (std::size_t k = 0; k < out.resistance_ohm.size(); ++k)
      if (uniform(stream, std::uint32_t(k)) < process.dead) out.resistance_ohm[k] = 0;  // no heat, no power
  }
}

}  // namespace pnn::platforms::mrr
