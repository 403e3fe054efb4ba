#include "pnn/device/surroundings.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/text.hpp"

namespace pnn::device {

void check_conditions(const Conditions& c, std::size_t layers) {
  std::vector<std::string> wrong;
  if (!(c.dt_s >= 0) || !std::isfinite(c.dt_s)) wrong.emplace_back("dt is not a time of 0 s or more");
  if (!(c.start_s >= 0) || !std::isfinite(c.start_s))
    wrong.emplace_back("start is not a time of 0 s or more");
  for (const double value : {c.temperature_c.value_or(0), c.drift_k, c.detuning_nm}) {
    if (!std::isfinite(value)) wrong.emplace_back("temperature, drift and detuning have to be finite");
  }
  for (const platform::SystemParameter& p : platform::system_parameters()) {
    if (!std::isfinite(c.misalignment.*p.value))
      wrong.push_back(std::string("the ") + p.name + " has to be finite");
  }
  if (!(c.detuning_sigma_nm >= 0)) wrong.emplace_back("the spread of the detuning is below 0");
  if (c.dac_bits && (*c.dac_bits < 0 || *c.dac_bits > 32)) {
    wrong.push_back("expected 0 to 32 bits of a current source, found " + std::to_string(*c.dac_bits));
  }
  if (c.readout_noise && !(*c.readout_noise >= 0)) wrong.emplace_back("read-out noise is below 0");
  if (!c.reaches.empty() && c.reaches.size() != layers) {
    wrong.push_back("conditions name " + std::to_string(c.reaches.size()) + " layers, the device has " +
                    std::to_string(layers));
  }
  if (c.environment == Environment::trace) {
    if (c.trace_time_s.empty() || c.trace_time_s.size() != c.trace_offset_k.size()) {
      wrong.emplace_back("a trace needs equally many times and offsets, at least one");
    } else if (!std::is_sorted(c.trace_time_s.begin(), c.trace_time_s.end(), std::less_equal<>())) {
      wrong.emplace_back("the times of a trace do not ascend");
    }
  }
  if (!wrong.empty()) throw UsageError("conditions: " + join(wrong, "; "));
}

Surroundings::Surroundings(const platform::Climate& climate, std::uint64_t seed, std::uint32_t device)
    : climate_(climate), seed_(seed), device_(device) {
  restart({});
}

double Surroundings::walk_normal(std::uint64_t index) const {
  return normal({seed_, Purpose::free_walk, 0, device_, 0}, std::uint32_t(index));
}

void Surroundings::restart(const Conditions& conditions) {
  conditions_ = conditions;
  first_ = conditions.dt_s > 0 ? std::uint64_t(std::llround(conditions.start_s / conditions.dt_s)) : 0;
  index_ = first_;
  left_over_s_ = 0;
  memory_ = std::exp(-conditions.dt_s / climate_.walk_time_s);
  if (conditions.environment != Environment::free) return;
  // A walk that starts late continues the one that starts at 0: what lies further back than 37 correlation
  // times is below the last digit of a double.
  const double reach = 37 * climate_.walk_time_s / std::max(conditions.dt_s, 1e-300);
  const std::uint64_t from = double(first_) > reach ? first_ - std::uint64_t(reach) : 0;
  walk_ = walk_normal(from);
  for (std::uint64_t k = from + 1; k <= first_; ++k) {
    walk_ = memory_ * walk_ + std::sqrt(1 - memory_ * memory_) * walk_normal(k);
  }
}

void Surroundings::tick() {
  ++index_;
  if (conditions_.environment == Environment::free) {
    walk_ = memory_ * walk_ + std::sqrt(1 - memory_ * memory_) * walk_normal(index_);
  }
}

void Surroundings::wait(double seconds) {
  if (conditions_.dt_s <= 0) return;
  left_over_s_ += seconds;
  // a billionth of a tick is rounding: ten waits of a tenth are one tick
  const double ticks = std::floor(left_over_s_ / conditions_.dt_s + 1e-9);
  left_over_s_ = std::max(0.0, left_over_s_ - ticks * conditions_.dt_s);
  if (conditions_.environment != Environment::free) {
    index_ += std::uint64_t(ticks);
    return;
  }
  for (auto k = std::uint64_t(ticks); k > 0; --k) tick();
}

double Surroundings::trace_offset() const {
  const std::vector<double>& times = conditions_.trace_time_s;
  const std::vector<double>& offsets = conditions_.trace_offset_k;
  const double now = conditions_.start_s + double(index_ - first_) * conditions_.dt_s;
  const auto after = std::size_t(std::upper_bound(times.begin(), times.end(), now) - times.begin());
  if (after == 0) return offsets.front();
  if (after == times.size()) return offsets.back();
  const double part = (now - times[after - 1]) / (times[after] - times[after - 1]);
  return offsets[after - 1] + part * (offsets[after] - offsets[after - 1]);
}

double Surroundings::offset_k() const {
  const double reference = climate_.reference_temperature_c;
  const double set = conditions_.temperature_c.value_or(reference) - reference + conditions_.drift_k;
  switch (conditions_.environment) {
    case Environment::exact:
      return set;
    case Environment::controller:
      return set + climate_.jitter_k *
                       normal({seed_, Purpose::controller_jitter, 0, device_, 0}, std::uint32_t(index_));
    case Environment::free:
      return set + climate_.walk_sigma_k * walk_;
    case Environment::trace:
      return set + trace_offset();
  }
  throw InternalError("surroundings: an environment without a temperature");
}

std::vector<float> response_offsets(const Conditions& c, const platform::LayerPlan& plan,
                                    const platform::TransferMap<float>& map, std::size_t layer,
                                    const Stream& stream) {
  if (plan.freespace() != nullptr) return {};
  const bool rings = plan.bank() != nullptr;
  const double common = rings ? c.detuning_nm : c.phase_rad,
               sigma = rings ? c.detuning_sigma_nm : c.phase_sigma_rad;
  if (!c.reach(layer) || (common == 0 && sigma == 0)) return {};
  std::vector<float> draws(std::size_t(map.element_count()), 0.0F);
  if (sigma > 0) fill_normal(stream, draws);
  std::vector<float> offsets;
  for (const std::uint32_t element : map.element_of_control())
    offsets.push_back(float(common + sigma * double(draws[element])));
  return offsets;
}

}  // namespace pnn::device
