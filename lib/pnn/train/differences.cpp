#include "pnn/train/differences.hpp"

#include <algorithm>
#include <limits>

namespace pnn::train {

Differences::Differences(Objective<float>& objective, double probe) : objective_(objective), probe_(probe) {
  for (std::size_t layer = 0; layer < objective.layers(); ++layer) {
    const auto& map = objective.map(layer);
    const auto count = std::size_t(map.control_count());
    const platform::ControlBounds bounds = map.bounds();
    unit_.insert(unit_.end(), count, float(map.upper() - map.lower()));
    lower_.insert(lower_.end(), bounds.lower.begin(), bounds.lower.end());
    upper_.insert(upper_.end(), bounds.upper.begin(), bounds.upper.end());
  }
  controls_.resize(std::size_t(objective.control_count()));
  digital_.resize(std::size_t(objective.digital_count()));
  signs_.resize(controls_.size() + digital_.size());
  distance_.resize(controls_.size());
}

network::Loss Differences::loss(const Batch<float>& batch, const StepBuffers& buffers, bool moves_statistics,
                                Cost& cost) {
  Point<float> point;
  point.controls = controls_;
  point.digital = digital_;
  ++cost.evaluations;
  return objective_.loss(
      batch, point, moves_statistics ? network::Statistics::batch_and_update : network::Statistics::batch,
      buffers.state);
}

network::Loss Differences::simultaneous(const Batch<float>& batch, const StepBuffers& buffers,
                                        const Stream& stream, Cost& cost) {
  fill_symmetric(stream, signs_);
  for (float& s : signs_) s = s < 0 ? -1.0F : 1.0F;
  const auto probe = float(probe_);
  const auto loss_at = [&](float side) {
    for (std::size_t k = 0; k < controls_.size(); ++k) {
      const float asked = buffers.controls[k] + side * probe * unit_[k] * signs_[k];
      controls_[k] = std::min(std::max(asked, lower_[k]), upper_[k]);
      distance_[k] = side > 0 ? controls_[k] : distance_[k] - controls_[k];
    }
    for (std::size_t k = 0; k < digital_.size(); ++k)
      digital_[k] = buffers.digital[k] + side * probe * signs_[controls_.size() + k];
    return loss(batch, buffers, side > 0, cost);
  };
  const network::Loss above = loss_at(1), below = loss_at(-1);
  const double rise = above.mean - below.mean;
  for (std::size_t k = 0; k < controls_.size(); ++k)
    buffers.control_gradient[k] = distance_[k] == 0 ? 0.0F : float(rise / double(distance_[k]));
  for (std::size_t k = 0; k < digital_.size(); ++k)
    buffers.digital_gradient[k] = float(rise / (2 * probe_) * double(signs_[controls_.size() + k]));
  return above;
}

network::Loss Differences::coordinates(const Batch<float>& batch, const StepBuffers& buffers, Cost& cost) {
  std::copy(buffers.controls.begin(), buffers.controls.end(), controls_.begin());
  std::copy(buffers.digital.begin(), buffers.digital.end(), digital_.begin());
  const network::Loss centre = loss(batch, buffers, true, cost);
  const float far = std::numeric_limits<float>::infinity();
  const auto slope = [&](float& value, float step, float lower, float upper) {
    const float start = value, high = std::min(start + step, upper), low = std::max(start - step, lower);
    value = high;
    const double above = loss(batch, buffers, false, cost).mean;
    value = low;
    const double below = loss(batch, buffers, false, cost).mean;
    value = start;
    return high == low ? 0.0F : float((above - below) / (double(high) - double(low)));
  };
  for (std::size_t k = 0; k < controls_.size(); ++k)
    buffers.control_gradient[k] = slope(controls_[k], float(probe_) * unit_[k], lower_[k], upper_[k]);
  for (std::size_t k = 0; k < digital_.size(); ++k)
    buffers.digital_gradient[k] = slope(digital_[k], float(probe_), -far, far);
  return centre;
}

}  // namespace pnn::train
