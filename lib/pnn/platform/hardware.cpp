#include "pnn/platform/hardware.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/freespace.hpp"
#include "pnn/platform/transmission.hpp"

namespace pnn::platform {
namespace {

bool has_temperature(const LayerPlan& plan) {
  return plan.bank() != nullptr || plan.mesh() != nullptr;
}

}  // namespace

Source source_of(const LayerPlan& plan, const Process& process, std::optional<double> bits) {
  if (plan.bank() != nullptr) {
    return {process.mrr.current_min_ma, process.mrr.current_max_ma, bits.value_or(process.mrr.dac_bits)};
  }
  if (plan.freespace() != nullptr) return {0, 1, bits.value_or(process.freespace.modulator_bits)};
  const double own = plan.d2nn() != nullptr ? process.d2nn.modulator_bits : process.mzi.dac_bits;
  return {0, 2 * std::numbers::pi, bits.value_or(own)};
}

void drive_layer(const LayerPlan& plan, const Source& source, std::span<const float> requested,
                 std::span<float> driven) {
  if (!plan.periodic()) return drive(source, requested, driven);
  std::transform(requested.begin(), requested.end(), driven.begin(),
                 [](float phase) { return float(wrap_phase(double(phase))); });
  drive(source, driven, driven);
}

bool modulate(const LayerPlan& plan, const Process& process, const Truth& truth,
              ConstMatrixView<float> inputs, MatrixView<float> shown) {
  if (plan.freespace() == nullptr || inputs.size() == 0) return false;
  const float full = inputs.maxCoeff(), exponent = float(display_gamma(truth) / process.freespace.gamma);
  if (!(full > 0)) {
    shown.setZero();
    return true;
  }
  const float* from = inputs.data();
  float* to = shown.data();
  parallel_for(std::size_t(inputs.rows()), [&](std::size_t n) {
    for (auto k = Index(n) * inputs.cols(); k < Index(n + 1) * inputs.cols(); ++k) {
      const float x = std::max(0.0F, from[k]) / full;
      to[k] = full * (exponent == 1 ? x : std::pow(x, exponent));
    }
  });
  return true;
}

namespace {

/// Variances add: n pixels of r² full wells each, and as many electrons as there are.
void camera_sigma(const FreespacePlan& plan, const FreespaceProcess& process, double read_noise,
                  const Call& call, MatrixView<float> sigma) {
  const double full = std::max(0.0, double(call.inputs.maxCoeff())), area = double(plan.block_area());
  const double pixels = double(plan.polarities() * plan.cell_height() * plan.cell_width());
  const double read = read_noise * full / area,
               electron = process.full_well > 0 ? full / process.full_well / area : 0;
  const double factor = plan.signs == Signs::offset ? 2 : 1;
  sigma.setZero();
  if (electron > 0) {
    Matrix<float> light(plan.out, plan.in());
    static_cast<Freespace<float>&>(call.map).light(call.at, view(light));
    transmit(plan, view(std::as_const(light)), call.inputs, sigma);
  }
  for (Index k = 0; k < sigma.size(); ++k) {
    const double electrons = electron * std::max(0.0, double(sigma.data()[k]));
    sigma.data()[k] = float(factor * std::sqrt(electrons + pixels * read * read));
  }
}

}  // namespace

bool readout_sigma(const LayerPlan& plan, const Process& process, std::optional<double> noise,
                   const Call& call, MatrixView<float> sigma) {
  if (call.inputs.size() == 0) return false;
  if (const FreespacePlan* optics = plan.freespace(); optics != nullptr) {
    const double read_noise = noise.value_or(process.freespace.readout_noise);
    if (read_noise == 0 && process.freespace.full_well == 0) return false;
    camera_sigma(*optics, process.freespace, read_noise, call, sigma);
    return true;
  }
  const double share = noise.value_or(plan.bank() != nullptr   ? process.mrr.readout_noise
                                      : plan.d2nn() != nullptr ? process.d2nn.readout_noise
                                                               : process.mzi.readout_noise);
  if (share == 0) return false;
  double scale = 0;
  if (const BankPlan* bank = plan.bank(); bank != nullptr) {
    const double full_scale = double(bank->chip_cols) * double(call.inputs.cwiseAbs().maxCoeff());
    scale = full_scale * std::sqrt(double(bank->tile_cols()));
  } else {
    scale = double(call.outputs.cwiseAbs().maxCoeff());
  }
  sigma.setConstant(float(share * scale));
  return share * scale > 0;
}

double heater_power_mw(const LayerPlan& plan, const Process& process, std::span<const float> controls) {
  if (!has_temperature(plan)) return 0;
  double sum = 0;
  for (const float control : controls) {
    sum += plan.bank() != nullptr
               ? heater_power_mw(double(control), process.mrr.resistance_ohm, process.mrr.beta_per_ma2)
               : process.mzi.p_pi_mw * wrap_phase(double(control)) / std::numbers::pi;
  }
  return sum;
}

Climate climate_of(const std::vector<LayerPlan>& plans, const Process& process) {
  const auto warm = std::find_if(plans.begin(), plans.end(), has_temperature);
  if (warm != plans.end() && warm->mesh() != nullptr) {
    const MziProcess& p = process.mzi;
    return {p.reference_temperature_c, p.jitter_k, p.walk_time_s, p.walk_sigma_k};
  }
  const MrrProcess& p = process.mrr;
  return {p.reference_temperature_c, p.jitter_k, p.walk_time_s, p.walk_sigma_k};
}

}  // namespace pnn::platform
