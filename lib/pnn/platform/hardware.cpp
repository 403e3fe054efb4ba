#include "pnn/platform/hardware.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/freespace.hpp"
#include "pnn/platform/transmission.hpp"

namespace pnn::platform {
namespace {

bool has_temperature(const LayerPlan& plan) {
  return plan.bank() != nullptr || plan.mesh() != nullptr;
}

std::span<const float> sample(const ConstMatrixView<float>& signals, Index n) {
  return {signals.data() + n * signals.cols(), std::size_t(signals.cols())};
}

/// The largest of x and 0.
float largest(std::span<const float> x) {
  return std::max(0.0F, *std::max_element(x.begin(), x.end()));
}

/// Heater power of each tile in mW, row by row; rings without a weight are dark.
std::vector<double> tile_powers(const BankPlan& bank, const MrrProcess& process,
                                std::span<const float> controls) {
  std::vector<double> powers(std::size_t(bank.tiles()), 0.0);
  for (Index i = 0; i < bank.out; ++i) {
    for (Index j = 0; j < bank.in; ++j) {
      const Index tile = i / bank.chip_rows * bank.tile_cols() + j / bank.chip_cols;
      powers[std::size_t(tile)] += heater_power_mw(double(controls[std::size_t(i * bank.in + j)]),
                                                   process.resistance_ohm, process.beta_per_ma2);
    }
  }
  return powers;
}

/// Σ x², added up in order.
double power(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += double(v) * double(v);
  return sum;
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
  const auto exponent = float(display_gamma(truth) / process.freespace.gamma);
  parallel_for(std::size_t(inputs.rows()), [&](std::size_t n) {
    const std::span<const float> from = sample(inputs, Index(n));
    float* to = shown.data() + Index(n) * shown.cols();
    const float full = largest(from);
    for (std::size_t k = 0; k < from.size(); ++k) {
      const float x = full > 0 ? std::max(0.0F, from[k]) / full : 0.0F;
      to[k] = full * (exponent == 1 ? x : std::pow(x, exponent));
    }
  });
  return true;
}

double full_scale(const LayerPlan& plan, TransferMap<float>& map) {
  if (const BankPlan* bank = plan.bank(); bank != nullptr) return double(bank->chip_cols);
  if (const D2nnPlan* masks = plan.d2nn(); masks != nullptr) {
    Index smallest = masks->plane.pixels();
    for (const DetectorRegion& region : masks->detectors) smallest = std::min(smallest, region.pixels());
    return double(masks->plane.pixels()) / double(smallest);
  }
  const MeshLayer* mesh = plan.mesh();
  if (mesh == nullptr) return 1;
  const std::vector<float> zero(std::size_t(map.control_count()), 0.0F);
  Matrix<float> weights(map.rows(), map.cols());
  map.evaluate({zero, {}, {}}, view(weights));
  const Index outputs = map.rows() / 2;
  double most = 0;
  for (Index i = 0; i < outputs; ++i) {
    const ConstMatrixView<float> w = view(std::as_const(weights));
    most = std::max(most, power(sample(w, i)) + power(sample(w, outputs + i)));
  }
  return mesh->detection == Detection::intensity ? most : std::sqrt(most);
}

namespace {

/// Variances add: n pixels of r² full wells each, and as many electrons as there are.
void camera_sigma(const FreespacePlan& plan, const FreespaceProcess& process, double read_noise,
                  const Call& call, MatrixView<float> sigma) {
  const double area = double(plan.block_area());
  const double pixels = double(plan.polarities() * plan.cell_height() * plan.cell_width());
  const double factor = plan.signs == Signs::offset ? 2 : 1;
  sigma.setZero();
  if (process.full_well > 0) {
    Matrix<float> light(plan.out, plan.in());
    static_cast<Freespace<float>&>(call.map).light(call.at, view(light));
    transmit(plan, view(std::as_const(light)), call.inputs, sigma);
  }
  for (Index n = 0; n < sigma.rows(); ++n) {
    const double full = call.full_scale * double(largest(sample(call.inputs, n)));
    const double read = read_noise * full / area,
                 electron = process.full_well > 0 ? full / process.full_well / area : 0;
    for (Index i = 0; i < sigma.cols(); ++i) {
      const double electrons = electron * std::max(0.0, double(sigma(n, i)));
      sigma(n, i) = float(factor * std::sqrt(electrons + pixels * read * read));
    }
  }
}

/// The size of a sample, in which its noise is counted: see readout_sigma.
double size_of(const LayerPlan& plan, std::span<const float> x) {
  if (const BankPlan* bank = plan.bank(); bank != nullptr) {
    const ConstVectorView<float> powers(x.data(), Index(x.size()));
    const double low = double(powers.minCoeff()), high = double(powers.maxCoeff());
    const double reads = double(bank->tile_cols()) * (low < 0 ? 2 : 1);
    return std::max(-low, high) * std::sqrt(reads);
  }
  if (const D2nnPlan* masks = plan.d2nn(); masks != nullptr)
    return masks->input.encoding == D2nnEncoding::phase ? 1 : power(x) / double(x.size());
  return plan.mesh()->detection == Detection::intensity ? power(x) : std::sqrt(power(x));
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
  constexpr Index chunk = 256;  // samples
  parallel_for(chunks_of(chunk, sigma.rows()), [&](std::size_t k) {
    const Chunk c = chunk_of(k, chunk, sigma.rows());
    for (Index n = c.begin; n < c.begin + c.count; ++n) {
      const double of_sample = share * call.full_scale * size_of(plan, sample(call.inputs, n));
      std::fill_n(sigma.data() + n * sigma.cols(), sigma.cols(), float(of_sample));
      if (const D2nnPlan* masks = plan.d2nn(); masks != nullptr) {
        for (Index i = 0; i < sigma.cols(); ++i)
          sigma(n, i) = float(of_sample / std::sqrt(double(masks->detectors[std::size_t(i)].pixels())));
      }
    }
  });
  return true;
}

HeaterUse heater_use(const std::vector<LayerPlan>& plans, const Process& process,
                     const std::vector<std::span<const float>>& controls, const std::vector<int>& slots) {
  require(controls.size() == plans.size() && slots.size() == plans.size(), "controls of every layer");
  double always = 0, changing = 0, largest_tile = 0, time = 0;  // mW, mW µs, mW, µs
  for (std::size_t layer = 0; layer < plans.size(); ++layer) {
    const LayerPlan& plan = plans[layer];
    if (const BankPlan* bank = plan.bank(); bank != nullptr) {
      const std::vector<double> tiles = tile_powers(*bank, process.mrr, controls[layer]);
      const double sum = std::accumulate(tiles.begin(), tiles.end(), 0.0),
                   slot = process.mrr.slot_us * slots[layer];
      if (bank->reuse == Reuse::space) {
        always += sum;
        time += slot;
      } else {
        changing += sum * slot;
        time += slot * double(tiles.size());
        largest_tile = std::max(largest_tile, *std::max_element(tiles.begin(), tiles.end()));
      }
    } else if (plan.mesh() != nullptr) {
      for (const float phase : controls[layer])
        always += process.mzi.p_pi_mw * wrap_phase(double(phase)) / std::numbers::pi;
      time += process.mzi.slot_us * slots[layer];
    }
  }
  if (time == 0) return {};
  const double energy = changing + always * time;  // nJ
  return {energy / time, always + largest_tile, 1e-3 * energy};
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
