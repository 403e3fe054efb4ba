#include "pnn/device/ambient.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::device {

Ambient::Ambient(const platform::Climate& climate, std::uint64_t seed, std::uint32_t device)
    : climate_(climate), seed_(seed), device_(device) {
  restart({});
}

double Ambient::walk_normal(std::uint64_t index) const {
  return normal({seed_, Purpose::free_walk, 0, device_, 0}, std::uint32_t(index));
}

void Ambient::restart(const Conditions& conditions) {
  conditions_ = conditions;
  first_ = conditions.dt_s > 0 ? std::uint64_t(std::llround(conditions.start_s / conditions.dt_s)) : 0;
  index_ = first_;
  left_over_s_ = 0;
  memory_ = std::exp(-conditions.dt_s / climate_.walk_time_s);
  if (conditions.environment != Environment::free) return;
  // A walk that starts later continues the one that starts at 0. The part of it that is older than 37
  // correlation times is smaller than the last digit of a double.
  const double reach = 37 * climate_.walk_time_s / std::max(conditions.dt_s, 1e-300);
  const std::uint64_t from = double(first_) > reach ? first_ - std::uint64_t(reach) : 0;
  walk_ = walk_normal(from);
  for (std::uint64_t k = from + 1; k <= first_; ++k) {
    walk_ = memory_ * walk_ + std::sqrt(1 - memory_ * memory_) * walk_normal(k);
  }
}

void Ambient::tick() {
  ++index_;
  if (conditions_.environment == Environment::free) {
    walk_ = memory_ * walk_ + std::sqrt(1 - memory_ * memory_) * walk_normal(index_);
  }
}

void Ambient::wait(double seconds) {
  if (conditions_.dt_s <= 0) return;
  left_over_s_ += seconds;
  // a billionth of a tick absorbs rounding, so that ten waits of a tenth of a tick make one
  const double ticks = std::floor(left_over_s_ / conditions_.dt_s + 1e-9);
  left_over_s_ = std::max(0.0, left_over_s_ - ticks * conditions_.dt_s);
  if (conditions_.environment != Environment::free) {
    index_ += std::uint64_t(ticks);
    return;
  }
  for (auto k = std::uint64_t(ticks); k > 0; --k) tick();
}

double Ambient::trace_offset() const {
  const std::vector<double>& times = conditions_.trace_time_s;
  const std::vector<double>& offsets = conditions_.trace_offset_k;
  const double now = conditions_.start_s + double(index_ - first_) * conditions_.dt_s;
  const auto after = std::size_t(std::upper_bound(times.begin(), times.end(), now) - times.begin());
  if (after == 0) return offsets.front();
  if (after == times.size()) return offsets.back();
  const double part = (now - times[after - 1]) / (times[after] - times[after - 1]);
  return offsets[after - 1] + part * (offsets[after] - offsets[after - 1]);
}

double Ambient::offset_k() const {
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
  throw InternalError("ambient: an environment without a temperature");
}

std::vector<float> response_offsets(const Conditions& c, const platform::LayerPlan& plan,
                                    const platform::TransferMap<float>& map, std::size_t layer,
                                    const Stream& stream) {
  const platform::ResponseOffset* offset = plan.platform().response();
  if (offset == nullptr) return {};
  const auto found = c.response.find(offset->common.name);
  if (found == c.response.end()) return {};
  const auto [common, sigma] = found->second;
  if (!c.reach(layer) || (common == 0 && sigma == 0)) return {};
  std::vector<float> draws(std::size_t(map.element_count()), 0.0F);
  if (sigma > 0) fill_normal(stream, draws);
  std::vector<float> offsets;
  for (const std::uint32_t element : map.element_of_control())
    offsets.push_back(float(common + sigma * double(draws[element])));
  return offsets;
}

}  // namespace pnn::device
