#include "pnn/train/differences.hpp"

namespace pnn::train {

Differences::Differences(Objective<float>& objective, double probe) : objective_(objective), probe_(probe) {
  for (std::size_t layer = 0; layer < objective.layers(); ++layer) {
    const auto& map = objective.map(layer);
    unit_.insert(unit_.end(), std::size_t(map.control_count()), float(map.upper() - map.lower()));
  }
  controls_.resize(std::size_t(objective.control_count()));
  digital_.resize(std::size_t(objective.digital_count()));
  signs_.resize(controls_.size() + digital_.size());
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
    for (std::size_t k = 0; k < controls_.size(); ++k)
      controls_[k] = buffers.controls[k] + side * probe * unit_[k] * signs_[k];
    for (std::size_t k = 0; k < digital_.size(); ++k)
      digital_[k] = buffers.digital[k] + side * probe * signs_[controls_.size() + k];
    return loss(batch, buffers, side > 0, cost);
  };
  const network::Loss above = loss_at(1), below = loss_at(-1);
  const double slope = (above.mean - below.mean) / (2 * probe_);
  for (std::size_t k = 0; k < controls_.size(); ++k)
    buffers.control_gradient[k] = float(slope * double(signs_[k]) / double(unit_[k]));
  for (std::size_t k = 0; k < digital_.size(); ++k)
    buffers.digital_gradient[k] = float(slope * double(signs_[controls_.size() + k]));
  return above;
}

network::Loss Differences::coordinates(const Batch<float>& batch, const StepBuffers& buffers, Cost& cost) {
  std::copy(buffers.controls.begin(), buffers.controls.end(), controls_.begin());
  std::copy(buffers.digital.begin(), buffers.digital.end(), digital_.begin());
  const network::Loss centre = loss(batch, buffers, true, cost);
  const auto slope = [&](float& value, float step) {
    const float start = value;
    value = start + step;
    const double above = loss(batch, buffers, false, cost).mean;
    value = start - step;
    const double below = loss(batch, buffers, false, cost).mean;
    value = start;
    return float((above - below) / (2 * double(step)));
  };
  for (std::size_t k = 0; k < controls_.size(); ++k)
    buffers.control_gradient[k] = slope(controls_[k], float(probe_) * unit_[k]);
  for (std::size_t k = 0; k < digital_.size(); ++k)
    buffers.digital_gradient[k] = slope(digital_[k], float(probe_));
  return centre;
}

}  // namespace pnn::train
