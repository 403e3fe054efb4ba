#include "pnn/platform/hardware.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/phasor.hpp"

namespace pnn::platform {

Source source_of(const LayerPlan& plan, const Process& process, std::optional<double> bits) {
  if (plan.bank() != nullptr) {
    return {process.mrr.current_min_ma, process.mrr.current_max_ma, bits.value_or(process.mrr.dac_bits)};
  }
  return {0, 2 * std::numbers::pi, bits.value_or(process.mzi.dac_bits)};
}

void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven) {
  if (plan.bank() != nullptr) return drive(source, requested, driven);
  std::transform(requested.begin(), requested.end(), driven.begin(),
                 [](float phase) { return float(wrap_phase(double(phase))); });
  drive(source, driven, driven);
}

double readout_sigma(const LayerPlan& plan, const Process& process, std::optional<double> noise,
                     ConstMatrixView<float> inputs, ConstMatrixView<float> outputs) {
  const double share =
      noise.value_or(plan.bank() != nullptr ? process.mrr.readout_noise : process.mzi.readout_noise);
  if (share == 0 || inputs.size() == 0) return 0;
  if (const BankPlan* bank = plan.bank(); bank != nullptr) {
    const double full_scale = double(bank->chip_cols) * double(inputs.cwiseAbs().maxCoeff());
    return share * full_scale * std::sqrt(double(bank->tile_cols()));
  }
  return share * double(outputs.cwiseAbs().maxCoeff());
}

double heater_power_mw(const LayerPlan& plan, const Process& process, std::span<const float> controls) {
  double sum = 0;
  for (const float control : controls) {
    sum += plan.bank() != nullptr
               ? heater_power_mw(double(control), process.mrr.resistance_ohm, process.mrr.beta_per_ma2)
               : process.mzi.p_pi_mw * wrap_phase(double(control)) / std::numbers::pi;
  }
  return sum;
}

Climate climate_of(const std::vector<LayerPlan>& plans, const Process& process) {
  if (!plans.empty() && plans.front().mesh() != nullptr) {
    const MziProcess& p = process.mzi;
    return {p.reference_temperature_c, p.jitter_k, p.walk_time_s, p.walk_sigma_k};
  }
  const MrrProcess& p = process.mrr;
  return {p.reference_temperature_c, p.jitter_k, p.walk_time_s, p.walk_sigma_k};
}

}  // namespace pnn::platform
