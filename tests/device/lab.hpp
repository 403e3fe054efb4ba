// A small network's devices and what a lab does with them, for the tests of the device room.
#pragma once

#include <algorithm>
#include <vector>

#include "pnn/core/random.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/platforms/mrr/bank.hpp"
#include "pnn/platforms/mrr/bank_plan.hpp"
#include "pnn/platforms/mrr/platform.hpp"
#include "pnn/platforms/mrr/process.hpp"
#include "tests/hidden.hpp"

namespace pnn::test {

/// Three layers on one chip of 16 x 8: 20 outputs of 21 inputs (2 x 3 tiles, ragged), 16 of 8, 5 of 3.
inline std::vector<platform::AnyPlan> plans(platforms::mrr::Reuse second = platforms::mrr::Reuse::time) {
  return {platforms::mrr::BankPlan{"mrr1", 20, 21, 16, 8, platforms::mrr::Reuse::time},
          platforms::mrr::BankPlan{"mrr2", 16, 8, 16, 8, second},
          platforms::mrr::BankPlan{"mrr3", 5, 3, 16, 8, platforms::mrr::Reuse::time}};
}

/// No jitter, no rounding, no read-out noise.
inline device::Conditions quiet() {
  device::Conditions conditions;
  conditions.environment = device::Environment::exact;
  conditions.dac_bits = 0;
  conditions.readout_noise = 0;
  return conditions;
}

/// The bank of a layer.
inline const platforms::mrr::BankPlan& bank_of(const device::Device& device, std::size_t layer) {
  return *platforms::mrr::bank_of(device.layers()[layer].plan);
}

inline std::vector<float> random_controls(const platforms::mrr::BankPlan& plan, std::uint64_t seed) {
  std::vector<float> out(std::size_t(plan.weights()));
  fill_symmetric({seed, Purpose::test, 1}, out);
  for (float& x : out) x = 2.6F + 2.4F * x;
  return out;
}

inline Matrix<float> random_inputs(Index batch, Index in, std::uint64_t seed) {
  Matrix<float> out(batch, in);
  fill_symmetric({seed, Purpose::test, 2}, std::span<float>(out.data(), std::size_t(out.size())));
  return out;
}

/// Response of a layer, [1, out], to light in channel `column` alone.
inline Matrix<float> read_column(device::Device& device, std::size_t layer, Index column) {
  const platforms::mrr::BankPlan& plan = bank_of(device, layer);
  Matrix<float> inputs = Matrix<float>::Zero(1, plan.in), outputs(1, plan.out);
  inputs(0, column) = 1;
  device.run(layer, view(std::as_const(inputs)), view(outputs));
  return outputs;
}

/// Column 0 of a layer with all rings on their flank, where weights react most.
inline std::vector<float> flank_outputs(device::Device& device, std::size_t layer = 0) {
  const std::vector<float> controls(std::size_t(bank_of(device, layer).weights()), 3.7F);
  device.set_controls(layer, controls);
  const Matrix<float> out = read_column(device, layer, 0);
  return {out.data(), out.data() + out.size()};
}

/// The rings that a device hides: for tests only.
inline platforms::mrr::RingParameters truth(const device::DeviceSet& set, std::size_t chip,
                                            std::size_t index) {
  const auto row = [&](const char* name) {
    const auto slice = hidden(set.chips[chip], name).slice(index);
    return std::vector<double>(slice.begin(), slice.end());
  };
  platforms::mrr::RingParameters rings;
  rings.delta_nm = row("delta");
  rings.eta_nm_per_mw = row("eta");
  rings.resistance_ohm = row("resistance");
  rings.beta_per_ma2 = row("beta");
  rings.r = row("r");
  rings.a = row("a");
  return rings;
}

}  // namespace pnn::test
