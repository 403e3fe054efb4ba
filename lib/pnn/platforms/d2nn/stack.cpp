#include "pnn/platforms/d2nn/stack.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platforms::d2nn {

namespace {

const Plan& checked(const Plan& plan) {
  if (const auto wrong = check_plan(plan); !wrong.empty())
    throw UsageError((plan.name.empty() ? "diffractive network" : plan.name) + ": " + join(wrong, "; "));
  return plan;
}

/// Calls body(p) for the pixels of a region, row by row.
template <class Body>
void for_each_pixel(const DetectorRegion& region, Index width, const Body& body) {
  for (Index y = region.y; y < region.y + region.height; ++y) {
    for (Index x = region.x; x < region.x + region.width; ++x) body(std::size_t(y * width + x));
  }
}

}  // namespace

template <class Real>
Stack<Real>::Scratch::Scratch(const Plan& plan)
    : space_(checked(plan).plane),
      light_(std::size_t(plan.plane.field_size())),
      sent_(std::size_t(plan.plane.field_size())) {}

template <class Real>
Stack<Real>::Stack(const Plan& plan) : plan_(checked(plan)) {
  space_of_gap_.resize(plan_.gaps_mm.size() + 1);
}

template <class Real>
void Stack<Real>::set_weights(ConstMatrixView<Real> weights) {
  require(weights.rows() == plan_.masks() && weights.cols() == plan_.plane.field_size() + 1,
          "diffractive network: a row of transmissions and a place for every mask");
  weights_ = weights.data();
  const auto place_mm = [&](Index mask) {
    return mask < plan_.masks() ? 1e-3 * double(weights(mask, weights.cols() - 1)) : 0;
  };
  std::vector<double> distances{plan_.entry_mm + place_mm(0)};
  for (Index k = 0; k < plan_.masks(); ++k)
    distances.push_back(plan_.gaps_mm[std::size_t(k)] + (place_mm(k + 1) - place_mm(k)));
  set_distances(distances);
}

// What has been made of a distance that is still wanted stays; the rest is made anew in the memory that is
// left.
template <class Real>
void Stack<Real>::set_distances(std::span<const double> distances_mm) {
  std::vector<bool> wanted(spaces_.size(), false);
  const auto space_of = [&](double distance) {
    const auto is = [&](const AngularSpectrum<Real>& space) { return space.distance_mm() == distance; };
    return std::size_t(std::find_if(spaces_.begin(), spaces_.end(), is) - spaces_.begin());
  };
  for (const double distance : distances_mm) {
    if (const std::size_t s = space_of(distance); s < spaces_.size()) wanted[s] = true;
  }
  for (std::size_t gap = 0; gap < distances_mm.size(); ++gap) {
    const double distance = distances_mm[gap];
    std::size_t s = space_of(distance);
    if (s == spaces_.size()) {
      s = std::size_t(std::find(wanted.begin(), wanted.end(), false) - wanted.begin());
      if (s == spaces_.size()) {
        spaces_.emplace_back(plan_.plane, distance);
        wanted.push_back(true);
      } else {
        spaces_[s].set_distance(distance);
        wanted[s] = true;
      }
    }
    space_of_gap_[gap] = s;
  }
}

template <class Real>
void Stack<Real>::pass_mask(Index mask, std::span<const Real> field, std::span<Real> light) const {
  const auto pixels = std::size_t(plan_.plane.pixels());
  const Real *u = field.data(), *t = transmission(mask).data();
  Real* to = light.data();
#pragma omp simd
  for (std::size_t p = 0; p < pixels; ++p) {
    const Real re = u[p] * t[p] - u[pixels + p] * t[pixels + p];
    to[pixels + p] = u[p] * t[pixels + p] + u[pixels + p] * t[p];
    to[p] = re;
  }
}

template <class Real>
void Stack<Real>::forward(std::span<const Real> entry, std::span<Real> fields, std::span<Real> intensities,
                          Scratch& scratch) const {
  const auto size = std::size_t(plan_.plane.field_size()), pixels = std::size_t(plan_.plane.pixels());
  const auto travel = [&](Index gap, std::span<const Real> from) {
    const std::span<Real> to = fields.subspan(std::size_t(gap) * size, size);
    space(gap).forward(from, to, scratch.space_);
  };
  travel(0, entry);
  for (Index k = 0; k < plan_.masks(); ++k) {
    pass_mask(k, fields.subspan(std::size_t(k) * size, size), scratch.light_);
    travel(k + 1, scratch.light_);
  }
  const Real* u = fields.data() + std::size_t(plan_.masks()) * size;
  for (std::size_t r = 0; r < plan_.detectors.size(); ++r) {
    double sum = 0;
    for_each_pixel(plan_.detectors[r], plan_.plane.width, [&](std::size_t p) {
      sum += double(u[p]) * double(u[p]) + double(u[pixels + p]) * double(u[pixels + p]);
    });
    intensities[r] = Real(sum);
  }
}

template <class Real>
std::vector<Losses> Stack<Real>::losses(std::span<const Real> entry, std::span<Real> fields,
                                        Scratch& scratch) const {
  std::vector<Real> intensities(plan_.detectors.size());
  forward(entry, fields, intensities, scratch);
  const auto size = std::size_t(plan_.plane.field_size());
  std::vector<Losses> all(plan_.gaps_mm.size());
  const double total = field_power(std::span<const Real>(fields.first(size)));
  for (Index k = 0; k < plan_.masks() && total > 0; ++k) {
    const std::span<const Real> u = fields.subspan(std::size_t(k) * size, size);
    const double before = field_power(u);
    pass_mask(k, u, scratch.light_);
    const double behind = field_power(std::span<const Real>(scratch.light_));
    const PropagationLosses lost = space(k + 1).losses(scratch.light_, scratch.light_, scratch.space_);
    all[std::size_t(k)] = {(before - behind) / total, lost.band * behind / total,
                           lost.window * behind / total};
  }
  return all;
}

// a = ∂L/∂Re + i ∂L/∂Im passes P as P* a and a product u t' as conj(t') a; by t' it is conj(u) a.
template <class Real>
void Stack<Real>::pullback(std::span<const Real> entry, std::span<const Real> fields,
                           std::span<const Real> by_intensity, MatrixView<Real> by_weights,
                           std::span<Real> by_entry, AxialGradient axial, Scratch& scratch) const {
  const auto pixels = std::size_t(plan_.plane.pixels()), size = 2 * pixels;
  const Index last = by_weights.cols() - 1;
  std::vector<Real>& light = scratch.light_;
  Real* a = light.data();
  std::fill(light.begin(), light.end(), Real(0));
  const Real* seen = fields.data() + std::size_t(plan_.masks()) * size;
  for (std::size_t r = 0; r < plan_.detectors.size(); ++r) {
    const Real twice = 2 * by_intensity[r];
    for_each_pixel(plan_.detectors[r], plan_.plane.width, [&](std::size_t p) {
      a[p] += twice * seen[p];
      a[pixels + p] += twice * seen[pixels + p];
    });
  }
  // back through free space; a longer gap is a mask behind it that moves on, or one before it that moves back
  const auto travel_back = [&](Index gap, const auto& sent) {
    if (axial == AxialGradient::no) return space(gap).adjoint(light, light, scratch.space_);
    const Real slope = Real(1e-3 * space(gap).adjoint_and_slope(light, sent(), light, scratch.space_));
    if (gap < plan_.masks()) by_weights(gap, last) += slope;
    if (gap > 0) by_weights(gap - 1, last) -= slope;
  };
  for (Index k = plan_.masks() - 1; k >= 0; --k) {
    const std::span<const Real> field = fields.subspan(std::size_t(k) * size, size);
    travel_back(k + 1, [&] {
      pass_mask(k, field, scratch.sent_);
      return std::span<const Real>(scratch.sent_);
    });
    const Real *u = field.data(), *t = transmission(k).data();
    Real* sum = by_weights.row(k).data();
#pragma omp simd
    for (std::size_t p = 0; p < pixels; ++p) {
      const Real re = a[p], im = a[pixels + p];
      sum[p] += u[p] * re + u[pixels + p] * im;
      sum[pixels + p] += u[p] * im - u[pixels + p] * re;
      a[p] = t[p] * re + t[pixels + p] * im;
      a[pixels + p] = t[p] * im - t[pixels + p] * re;
    }
  }
  if (by_entry.empty() && axial == AxialGradient::no) return;
  travel_back(0, [&] { return entry; });
  if (!by_entry.empty()) std::copy(light.begin(), light.end(), by_entry.begin());
}

template class Stack<float>;
template class Stack<double>;

}  // namespace pnn::platforms::d2nn
