#include "pnn/platforms/d2nn/masks.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/spread.hpp"

namespace pnn::platforms::d2nn {
namespace {

constexpr double full_turn = 2 * std::numbers::pi;

/// Streams of a layer's parts, sixteen a layer: append, never renumber.
enum MaskPart : std::uint16_t {
  mask_phase,
  mask_rotation,
  mask_shift_x,
  mask_shift_y,
  mask_axial,
  mask_smooth,
  mask_parts = 16
};

}  // namespace

Errors draw_errors(const Process& process, const Plan& plan, std::uint64_t seed, int purpose,
                   std::uint16_t stream, std::uint32_t device, std::uint32_t step) {
  require(stream < 4096, "diffractive network: a layer's number leaves four bits for the part");
  const auto part = [&](int number) {
    return Stream{seed, Purpose(purpose), std::uint16_t(stream * mask_parts + number), device, step};
  };
  Errors errors;
  errors.phase.resize(std::size_t(plan.control_count()));
  fill_normal(part(mask_phase), errors.phase);
  if (process.phase_smooth > 0) {
    const platform::SmoothField over_mask(plan.plane.height, plan.plane.width, 1,
                                          process.correlation_length_px);
    const auto pixels = std::size_t(plan.plane.pixels());
    std::vector<double> field;
    for (std::size_t mask = 0; mask < std::size_t(plan.masks()); ++mask) {
      over_mask.sample(part(mask_smooth), mask * over_mask.numbers(), field);
      platform::correlate(
          {0, process.phase_smooth}, 0, field, [](std::size_t pixel) { return pixel; },
          std::span(errors.phase).subspan(mask * pixels, pixels));
    }
  }
  for (double& phase : errors.phase) phase *= process.phase_sigma_rad;
  errors.misalignments.resize(std::size_t(plan.masks()));
  for (std::size_t k = 0; k < errors.misalignments.size(); ++k) {
    System& m = errors.misalignments[k];
    const auto mask = std::uint32_t(k);
    m.rotation_rad = process.rotation_sigma_rad * normal(part(mask_rotation), mask);
    m.shift_x_px = process.shift_sigma_px * normal(part(mask_shift_x), mask);
    m.shift_y_px = process.shift_sigma_px * normal(part(mask_shift_y), mask);
    m.axial_um = process.axial_sigma_um * normal(part(mask_axial), mask);
  }
  return errors;
}

void start_phases(const Plan& plan, const Stream& stream, double spread, std::span<float> controls) {
  require(Index(controls.size()) == plan.control_count(), "diffractive network: a phase for every pixel");
  fill_normal(stream, controls);
  for (float& phase : controls) phase *= float(spread);
}

template <class Real>
Masks<Real>::Masks(const Plan& plan, double response_spread, const Errors& errors)
    : plan_(plan), response_spread_(response_spread) {
  if (const auto wrong = check_plan(plan); !wrong.empty())
    throw UsageError((plan.name.empty() ? "diffractive network" : plan.name) + ": " + join(wrong, "; "));
  masks_.assign(std::size_t(plan.masks()), PhaseMask<Real>(plan.plane.width, plan.plane.height, plan.levels));
  added_.resize(std::size_t(plan.control_count()));
  by_phase_.resize(added_.size());
  slopes_.resize(masks_.size());
  elements_.resize(added_.size());
  std::iota(elements_.begin(), elements_.end(), 0U);
  set_errors(errors);
}

template <class Real>
double Masks<Real>::upper() const {
  return full_turn;
}

template <class Real>
void Masks<Real>::set_errors(const Errors& errors) {
  require((errors.phase.empty() || errors.phase.size() == added_.size()) &&
              (errors.misalignments.empty() || errors.misalignments.size() == masks_.size()),
          "diffractive network: errors of every pixel and mask, or none");
  errors_ = errors;
  static_phase_.assign(errors.phase.begin(), errors.phase.end());
}

template <class Real>
double Masks<Real>::axial_um(Index mask, const System& system) const {
  const double own = errors_.misalignments.empty() ? 0 : errors_.misalignments[std::size_t(mask)].axial_um;
  return own + (plan_.moves(mask) ? system.axial_um : 0);
}

template <class Real>
void Masks<Real>::place(const OperatingPoint<Real>& at) {
  const auto pixels = std::size_t(plan_.plane.pixels());
  parallel_for(masks_.size(), [&](std::size_t k) {
    System system = errors_.misalignments.empty() ? System{} : errors_.misalignments[k];
    if (plan_.moves(Index(k))) system += at.system;
    const std::span<Real> added = std::span(added_).subspan(k * pixels, pixels);
    for (std::size_t p = 0; p < pixels; ++p) {
      const std::size_t control = k * pixels + p;
      added[p] = at.response_offset.empty() ? Real(0) : at.response_offset[control];
      if (!static_phase_.empty()) added[p] += static_phase_[control];
    }
    masks_[k].align(system);
    masks_[k].set_phases(at.controls.subspan(k * pixels, pixels), added);
  });
}

template <class Real>
void Masks<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  place(at);
  for (Index k = 0; k < rows(); ++k) {
    const std::span<const Real> t = masks_[std::size_t(k)].transmission();
    std::copy(t.begin(), t.end(), weights.row(k).data());
    weights(k, cols() - 1) = Real(axial_um(k, at.system));
  }
}

template <class Real>
void Masks<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                           Pullback<Real>& out) {
  place(at);
  const auto pixels = std::size_t(plan_.plane.pixels());
  std::fill(by_phase_.begin(), by_phase_.end(), Real(0));
  parallel_for(masks_.size(), [&](std::size_t k) {
    const std::span<const Real> by_t(weight_gradient.row(Index(k)).data(), 2 * pixels);
    masks_[k].phase_pullback(by_t, std::span(by_phase_).subspan(k * pixels, pixels));
    slopes_[k] = {};
    if (!out.wants_system || !plan_.moves(Index(k))) return;
    slopes_[k] = masks_[k].misalignment_pullback(by_t);
    slopes_[k].axial_um = double(weight_gradient(Index(k), cols() - 1));
  });
  for (const std::span<Real> to : {out.controls, out.response_offset}) {
    if (!to.empty()) std::copy(by_phase_.begin(), by_phase_.end(), to.begin());
  }
  out.system = {};
  for (const System& slope : slopes_) out.system += slope;
}

template <class Real>
double Masks<Real>::invert(ConstMatrixView<Real> weights, std::span<Real> controls) {
  require(weights.rows() == rows() && weights.cols() == cols() && Index(controls.size()) == control_count(),
          "diffractive network: weights and controls of the plan");
  const Index pixels = plan_.plane.pixels();
  for (Index k = 0; k < rows(); ++k) {
    for (Index p = 0; p < pixels; ++p) {
      Real& control = controls[std::size_t(k * pixels + p)];
      const double phase = std::atan2(double(weights(k, pixels + p)), double(weights(k, p)));
      const double turns = std::nearbyint((double(control) - phase) / full_turn);
      control = Real(phase + turns * full_turn);
    }
  }
  Matrix<Real> given(rows(), cols());
  evaluate({controls, {}, {}}, view(given));
  double left = 0;
  for (Index k = 0; k < rows(); ++k) {
    for (Index p = 0; p < pixels; ++p)
      left = std::max(left, std::hypot(double(given(k, p) - weights(k, p)),
                                       double(given(k, pixels + p) - weights(k, pixels + p))));
  }
  return left;
}

template class Masks<float>;
template class Masks<double>;

}  // namespace pnn::platforms::d2nn
