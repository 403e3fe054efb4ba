#include "pnn/platforms/d2nn/mask.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/text.hpp"
#include "pnn/platform/warp.hpp"

namespace pnn::platforms::d2nn {

template <class Real>
PhaseMask<Real>::PhaseMask(Index width, Index height, Index levels)
    : width_(width), height_(height), levels_(levels) {
  if (width < 1 || height < 1 || levels < 0 || levels > 65536) {
    throw UsageError("phase mask: expected pixels, and 0 to 65536 levels of phase, found " +
                     std::to_string(width) + " × " + std::to_string(height) + " pixels and " +
                     std::to_string(levels) + " levels");
  }
  const auto pixels = std::size_t(width * height);
  own_.assign(2 * pixels, Real(0));
  std::fill_n(own_.begin(), pixels, Real(1));
  moved_ = own_;
  samples_.resize(pixels);
}

template <class Real>
void PhaseMask<Real>::set_phases(std::span<const Real> phases, std::span<const Real> added) {
  const std::size_t pixels = samples_.size();
  require(phases.size() == pixels && (added.empty() || added.size() == pixels),
          "a phase for every pixel of a mask");
  const Real levels = Real(levels_), turn = Real(0.5 * std::numbers::inv_pi);
  for (std::size_t q = 0; q < pixels; ++q) {
    Real turns = phases[q] * turn;
    if (levels_ > 0) {
      const Real level = std::nearbyint(wrap_to_half(turns) * levels);
      turns = (2 * level == -levels ? -level : level) / levels;  // half a turn has one sign
    }
    if (!added.empty()) turns += added[q] * turn;
    const Phasor<Real> t = phasor_of_turn(wrap_to_half(turns));
    own_[q] = t.re;
    own_[pixels + q] = t.im;
  }
  sample();
}

template <class Real>
void PhaseMask<Real>::align(const System& system) {
  System misalignment = system;
  misalignment.temperature_k = misalignment.axial_um = 0;
  if (misalignment == misalignment_) return;
  if (!(misalignment.magnification > -1)) {
    throw UsageError("a phase mask magnified by " + format_number(1 + misalignment.magnification) +
                     " is none; expected a scale above 0");
  }
  misalignment_ = misalignment;
  aligned_ = misalignment == System{};
  if (!aligned_) {
    const Warp warp(width_, height_, misalignment);
    for (Index y = 0; y < height_; ++y) {
      for (Index x = 0; x < width_; ++x) {
        Samples& samples = samples_[std::size_t(y * width_ + x)];
        samples = {};
        std::size_t n = 0;
        for_each_sample(warp.source(double(x), double(y)), width_, height_,
                        [&](Index pixel, double weight, double, double) {
                          samples.pixel[n] = std::uint32_t(pixel);
                          samples.weight[n++] = Real(weight);
                        });
      }
    }
  }
  sample();
}

template <class Real>
void PhaseMask<Real>::sample() {
  if (aligned_) {
    moved_ = own_;
    return;
  }
  const std::size_t pixels = samples_.size();
  for (std::size_t p = 0; p < pixels; ++p) {
    Real re = 0, im = 0;
    for (std::size_t n = 0; n < 4; ++n) {
      const std::size_t q = samples_[p].pixel[n];
      re += samples_[p].weight[n] * own_[q];
      im += samples_[p].weight[n] * own_[pixels + q];
    }
    moved_[p] = re;
    moved_[pixels + p] = im;
  }
}

// dt_q = i t_q dφ_q: a gradient (a, b) by t is Im(conj(t) (a + ib)) by φ.
template <class Real>
void PhaseMask<Real>::phase_pullback(std::span<const Real> by_transmission, std::span<Real> by_phase) const {
  const std::size_t pixels = samples_.size();
  const auto add = [&](std::size_t q, Real a, Real b) { by_phase[q] += own_[q] * b - own_[pixels + q] * a; };
  for (std::size_t p = 0; p < pixels; ++p) {
    const Real a = by_transmission[p], b = by_transmission[pixels + p];
    if (aligned_) {
      add(p, a, b);
      continue;
    }
    for (std::size_t n = 0; n < 4; ++n) {
      const Real weight = samples_[p].weight[n];
      add(samples_[p].pixel[n], weight * a, weight * b);
    }
  }
}

template <class Real>
System PhaseMask<Real>::misalignment_pullback(std::span<const Real> by_transmission) const {
  const auto pixels = std::size_t(width_ * height_);
  const Warp warp(width_, height_, misalignment_);
  System sum;
  for (Index y = 0; y < height_; ++y) {
    for (Index x = 0; x < width_; ++x) {
      const auto p = std::size_t(y * width_ + x);
      const double a = double(by_transmission[p]), b = double(by_transmission[pixels + p]);
      const Warp::Point source = warp.source(double(x), double(y));
      double by_x = 0, by_y = 0;
      for_each_sample(source, width_, height_, [&](Index pixel, double, double slope_x, double slope_y) {
        const auto q = std::size_t(pixel);
        const double change = a * double(own_[q]) + b * double(own_[pixels + q]);
        by_x += slope_x * change;
        by_y += slope_y * change;
      });
      const Warp::Slope slope = warp.slope(source);
      const auto add = [&](double System::*parameter, const Warp::Point& step) {
        sum.*parameter += by_x * step.x + by_y * step.y;
      };
      add(&System::rotation_rad, slope.rotation);
      add(&System::shift_x_px, slope.shift_x);
      add(&System::shift_y_px, slope.shift_y);
      add(&System::magnification, slope.magnification);
    }
  }
  return sum;
}

template class PhaseMask<float>;
template class PhaseMask<double>;

}  // namespace pnn::platforms::d2nn
