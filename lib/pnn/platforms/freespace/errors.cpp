// Physics of a free-space multiplier from its process, draws of what is one device's own, and the gain field
// that a draw means.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/platforms/freespace/freespace.hpp"

namespace pnn::platforms::freespace {
namespace {

/// Streams of a layer's parts, sixteen a layer: append, never renumber.
enum Part : std::uint16_t { gain, gamma, rotation, shift_x, shift_y, magnification, parts = 16 };

}  // namespace

Physics full_physics(const Process& process) {
  Physics physics = ideal_physics(process);
  physics.blur_px = process.blur_px;
  physics.contrast = process.contrast;
  return physics;
}

Physics ideal_physics(const Process& process) {
  Physics physics;
  physics.conserve = process.conserve > 0;
  physics.gain_length = process.gain_length;
  physics.response_spread = process.gain_sigma;
  return physics;
}

Matrix<double> gain_functions(double length, Index pixels) {
  const double width = length / std::numbers::sqrt2, margin = 2 * width;
  const double step = (1 + 2 * margin) / double(gain_knots_a_side - 1);
  Matrix<double> values(pixels, gain_knots_a_side);
  for (Index p = 0; p < pixels; ++p) {
    for (Index k = 0; k < gain_knots_a_side; ++k) {
      const double d = ((double(p) + 0.5) / double(pixels) - (double(k) * step - margin)) / width;
      values(p, k) = std::exp(-d * d / 2);
    }
    values.row(p) /= norm(values.row(p));
  }
  return values;
}

std::vector<double> gain_field(std::span<const double> knots, const Matrix<double>& across,
                               const Matrix<double>& down) {
  require(Index(knots.size()) == gain_knots, "a gain field has its knots");
  const ConstMatrixView<double> z(knots.data(), gain_knots_a_side, gain_knots_a_side);
  const Matrix<double> field = down * z * across.transpose();
  std::vector<double> gain(field.data(), field.data() + field.size());
  for (double& g : gain) g = std::max(0.0, 1 + g);
  return gain;
}

template <class Real>
void show_weights(const Plan& plan, ConstMatrixView<Real> weights, std::span<Real> controls) {
  require(weights.rows() == plan.out && weights.cols() == plan.in() &&
              Index(controls.size()) == plan.control_count(),
          "free space: weights and controls of the plan");
  const Index wide = plan.image_cols * plan.block_cols;
  for (Index output = 0; output < plan.out; ++output) {
    for (Index site = 0; site < plan.sites(); ++site) {
      const Index element =
          plan.per_pixel ? site / wide / plan.block_rows * plan.image_cols + site % wide / plan.block_cols
                         : site;
      const Real w = std::clamp(weights(output, element), Real(-1), Real(1));
      if (plan.signs == Signs::offset) {
        controls[std::size_t(plan.control(0, output, site))] = (1 + w) / 2;
        continue;
      }
      controls[std::size_t(plan.control(0, output, site))] = std::max(Real(0), w);
      controls[std::size_t(plan.control(1, output, site))] = std::max(Real(0), -w);
    }
  }
}

template void show_weights(const Plan&, ConstMatrixView<float>, std::span<float>);
template void show_weights(const Plan&, ConstMatrixView<double>, std::span<double>);

Errors no_errors(const Process& process) {
  return {{}, process.gamma, std::vector<double>(std::size_t(gain_knots), 0.0)};
}

Errors draw_errors(const Process& process, std::uint64_t seed, int purpose, std::uint16_t stream,
                   std::uint32_t device, std::uint32_t step) {
  require(stream < 4096, "free space: a layer's number leaves four bits for the part");
  const auto part = [&](int number) {
    return Stream{seed, Purpose(purpose), std::uint16_t(stream * parts + number), device, step};
  };
  Errors errors = no_errors(process);
  fill_normal(part(gain), errors.gain);
  for (double& z : errors.gain) z *= process.gain_sigma;
  errors.gamma = process.gamma * std::max(0.1, 1 + process.gamma_sigma * normal(part(gamma), 0));
  errors.misalignment.rotation_rad = process.rotation_sigma_rad * normal(part(rotation), 0);
  errors.misalignment.shift_x_px = process.shift_sigma_px * normal(part(shift_x), 0);
  errors.misalignment.shift_y_px = process.shift_sigma_px * normal(part(shift_y), 0);
  errors.misalignment.magnification =
      std::max(-0.9, process.magnification_sigma * normal(part(magnification), 0));
  return errors;
}

}  // namespace pnn::platforms::freespace
