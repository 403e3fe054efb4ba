#include "pnn/platform/d2nn_stack.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::platform {

namespace {

const D2nnPlan& checked(const D2nnPlan& plan) {
  if (const auto wrong = check_plan(plan); !wrong.empty())
    throw UsageError("diffractive network: " + join(wrong, "; "));
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

std::vector<std::string> check_plan(const D2nnPlan& plan) {
  std::vector<std::string> complaints = check_plane(plan.plane);
  if (plan.gaps_mm.empty()) complaints.emplace_back("gaps_mm: expected one a mask, found none");
  for (const double d : plan.gaps_mm) {
    if (!(d >= 0 && std::isfinite(d)))
      complaints.push_back("gaps_mm: expected distances of 0 or more, found " + format_number(d));
  }
  if (plan.levels < 0 || plan.levels > 65536)
    complaints.push_back("levels: expected 0 to 65536, found " + std::to_string(plan.levels));
  if (plan.detectors.empty()) complaints.emplace_back("detectors: expected one an output, found none");
  const auto inside = [](Index first, Index length, Index side) {
    return first >= 0 && first < side && length >= 1 && length <= side - first;
  };
  for (std::size_t r = 0; r < plan.detectors.size(); ++r) {
    const DetectorRegion& region = plan.detectors[r];
    if (!inside(region.x, region.width, plan.plane.width) ||
        !inside(region.y, region.height, plan.plane.height))
      complaints.push_back("detectors: region " + std::to_string(r) + " is empty or not inside the plane");
  }
  return complaints;
}

std::vector<DetectorRegion> detector_grid(const D2nnPlane& plane, Index rows, Index cols, Index side) {
  std::vector<DetectorRegion> regions;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) {
      regions.push_back({((2 * j + 1) * plane.width / cols - side) / 2,
                         ((2 * i + 1) * plane.height / rows - side) / 2, side, side});
    }
  }
  return regions;
}

template <class Real>
D2nnStack<Real>::Work::Work(const D2nnPlan& plan) : scratch_(checked(plan).plane) {
  const auto size = std::size_t(plan.plane.field_size());
  fields_.assign(plan.gaps_mm.size() + 1, std::vector<Real>(size));
  by_transmission_.assign(plan.gaps_mm.size(), std::vector<Real>(size));
  light_.resize(size);
}

template <class Real>
void D2nnStack<Real>::Work::clear() {
  for (std::vector<Real>& sum : by_transmission_) std::fill(sum.begin(), sum.end(), Real(0));
}

template <class Real>
D2nnStack<Real>::D2nnStack(const D2nnPlan& plan)
    : plan_(checked(plan)),
      masks_(plan.gaps_mm.size(), PhaseMask<Real>(plan.plane.width, plan.plane.height, plan.levels)) {
  for (std::size_t k = 0; k < plan.gaps_mm.size(); ++k) {
    const auto begin = plan.gaps_mm.begin();
    const auto first = std::size_t(std::find(begin, begin + Index(k), plan.gaps_mm[k]) - begin);
    space_of_gap_.push_back(first < k ? space_of_gap_[first] : spaces_.size());
    if (first == k) spaces_.emplace_back(plan.plane, plan.gaps_mm[k]);
  }
}

template <class Real>
void D2nnStack<Real>::set_phases(std::span<const Real> phases) {
  const auto pixels = std::size_t(plan_.plane.pixels());
  for (std::size_t k = 0; k < masks_.size(); ++k) masks_[k].set_phases(phases.subspan(k * pixels, pixels));
}

template <class Real>
void D2nnStack<Real>::align(std::span<const System> misalignments) {
  for (std::size_t k = 0; k < masks_.size(); ++k)
    masks_[k].align(misalignments.empty() ? System{} : misalignments[k]);
}

template <class Real>
void D2nnStack<Real>::pass_mask(Index k, Work& work) const {
  const auto pixels = std::size_t(plan_.plane.pixels());
  const std::vector<Real>& u = work.fields_[std::size_t(k)];
  const std::span<const Real> t = mask(k).transmission();
  for (std::size_t p = 0; p < pixels; ++p) {
    work.light_[p] = u[p] * t[p] - u[pixels + p] * t[pixels + p];
    work.light_[pixels + p] = u[p] * t[pixels + p] + u[pixels + p] * t[p];
  }
}

template <class Real>
void D2nnStack<Real>::forward(std::span<const Real> entry, Work& work, std::span<Real> intensities) const {
  std::copy(entry.begin(), entry.end(), work.fields_[0].begin());
  for (Index k = 0; k < plan_.masks(); ++k) {
    pass_mask(k, work);
    gap(k).forward(work.light_, work.fields_[std::size_t(k) + 1], work.scratch_);
  }
  const auto pixels = std::size_t(plan_.plane.pixels());
  const std::vector<Real>& u = work.fields_.back();
  for (std::size_t r = 0; r < plan_.detectors.size(); ++r) {
    double sum = 0;
    for_each_pixel(plan_.detectors[r], plan_.plane.width, [&](std::size_t p) {
      sum += double(u[p]) * double(u[p]) + double(u[pixels + p]) * double(u[pixels + p]);
    });
    intensities[r] = Real(sum);
  }
}

template <class Real>
std::vector<D2nnLosses> D2nnStack<Real>::losses(std::span<const Real> entry, Work& work) const {
  std::vector<D2nnLosses> all(masks_.size());
  std::copy(entry.begin(), entry.end(), work.fields_[0].begin());
  const double total = field_power(entry);
  for (Index k = 0; k < plan_.masks(); ++k) {
    const std::vector<Real>& u = work.fields_[std::size_t(k)];
    const double before = field_power(std::span<const Real>(u));
    pass_mask(k, work);
    const double behind = field_power(std::span<const Real>(work.light_));
    const PropagationLosses lost =
        gap(k).losses(work.light_, work.fields_[std::size_t(k) + 1], work.scratch_);
    if (!(total > 0)) continue;
    all[std::size_t(k)] = {(before - behind) / total, lost.band * behind / total,
                           lost.window * behind / total};
  }
  return all;
}

// a = ∂L/∂Re + i ∂L/∂Im passes P as P* a and a product u t' as conj(t') a; by t' it is conj(u) a.
template <class Real>
void D2nnStack<Real>::pullback(std::span<const Real> by_intensity, Work& work,
                               std::span<Real> by_entry) const {
  const auto pixels = std::size_t(plan_.plane.pixels());
  std::vector<Real>& a = work.light_;
  std::fill(a.begin(), a.end(), Real(0));
  const std::vector<Real>& seen = work.fields_.back();
  for (std::size_t r = 0; r < plan_.detectors.size(); ++r) {
    const Real twice = 2 * by_intensity[r];
    for_each_pixel(plan_.detectors[r], plan_.plane.width, [&](std::size_t p) {
      a[p] += twice * seen[p];
      a[pixels + p] += twice * seen[pixels + p];
    });
  }
  for (std::size_t k = masks_.size(); k-- > 0;) {
    gap(Index(k)).adjoint(a, a, work.scratch_);
    const std::vector<Real>& u = work.fields_[k];
    std::vector<Real>& sum = work.by_transmission_[k];
    for (std::size_t p = 0; p < pixels; ++p) {
      sum[p] += u[p] * a[p] + u[pixels + p] * a[pixels + p];
      sum[pixels + p] += u[p] * a[pixels + p] - u[pixels + p] * a[p];
    }
    if (k == 0 && by_entry.empty()) return;
    const std::span<const Real> t = masks_[k].transmission();
    for (std::size_t p = 0; p < pixels; ++p) {
      const Real re = a[p], im = a[pixels + p];
      a[p] = t[p] * re + t[pixels + p] * im;
      a[pixels + p] = t[p] * im - t[pixels + p] * re;
    }
  }
  std::copy(a.begin(), a.end(), by_entry.begin());
}

template <class Real>
void D2nnStack<Real>::collect(Work& work, std::span<Real> by_phase, std::span<System> by_misalignment) const {
  const auto pixels = std::size_t(plan_.plane.pixels());
  for (std::size_t k = 0; k < masks_.size(); ++k) {
    const std::vector<Real>& sum = work.by_transmission_[k];
    if (!by_phase.empty()) masks_[k].phase_pullback(sum, by_phase.subspan(k * pixels, pixels));
    if (!by_misalignment.empty()) by_misalignment[k] += masks_[k].misalignment_pullback(sum);
  }
  work.clear();
}

template class D2nnStack<float>;
template class D2nnStack<double>;

}  // namespace pnn::platform
