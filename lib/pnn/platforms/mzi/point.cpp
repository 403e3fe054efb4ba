#include "pnn/platforms/mzi/point.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mzi/crosstalk.hpp"

namespace pnn::platforms::mzi {

namespace {

constexpr Index coupling_chunk = 8192;  ///< phases handled by one chunk of a parallel loop over columns

void check_size(const MeshPlan& plan, const char* what, std::size_t found, Index expected) {
  if (found != std::size_t(expected)) {
    throw UsageError((plan.name.empty() ? "mesh" : plan.name) + ": expected " + std::to_string(expected) +
                     " values of " + what + ", found " + std::to_string(found));
  }
}

/// Equal bits, so that what is remembered is what would be computed.
template <class Real>
bool same(std::span<const Real> a, const std::vector<Real>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace

template <class Real>
MeshPoint<Real>::MeshPoint(const MeshPlan& plan, const MeshPhysics& physics)
    : plan_(plan), physics_(physics), decay_(std::exp(-1 / physics.crosstalk_length)) {
  for (int number = 0; number < plan.meshes(); ++number) {
    splitters_.emplace_back(plan.mesh(number).mzis());
    cells_.push_back(make_cells<Real>(plan.mesh(number).modes, physics.loss_db));
  }
  const auto controls = std::size_t(plan.control_count());
  for (auto* values : {&error_, &driven_, &phases_, &coupled_}) values->resize(controls);
  for (auto* values : {&turns_, &controls_, &offset_}) values->resize(controls);
  flux_.resize(std::size_t(std::max(plan.out, plan.in)));
  transmission_.resize(std::size_t(plan.attenuators()));
  loss_.resize(transmission_.size());
}

template <class Real>
void MeshPoint<Real>::set_errors(const MeshErrors& errors) {
  check_size(plan_, "phase error, one a control", errors.phase.size(), plan_.control_count());
  check_size(plan_, "beta1, one an MZI", errors.beta1.size(), plan_.mzis());
  check_size(plan_, "beta2, one an MZI", errors.beta2.size(), plan_.mzis());
  std::copy(errors.phase.begin(), errors.phase.end(), error_.begin());
  for (int number = 0; number < plan_.meshes(); ++number) {
    const auto first = std::size_t(plan_.first_mzi(number)), count = std::size_t(plan_.mesh(number).mzis());
    splitters_[std::size_t(number)].assign(std::span(errors.beta1).subspan(first, count),
                                           std::span(errors.beta2).subspan(first, count));
  }
  known_ = false;
}

template <class Real>
template <class Body>
void MeshPoint<Real>::over_columns(const Body& body) const {
  for (int number = 0; number < plan_.meshes(); ++number) {
    const RectangularMesh mesh = plan_.mesh(number);
    const Index first = plan_.first_control(number);
    const Index together = std::max<Index>(1, coupling_chunk / mesh.modes);
    parallel_for(std::size_t((mesh.columns() + together - 1) / together), [&](std::size_t chunk) {
      const Index begin = Index(chunk) * together, end = std::min(mesh.columns(), begin + together);
      for (Index column = begin; column < end; ++column) {
        const Index mzi = mesh.first_mzi(column), count = mesh.mzis_in_column(column);
        body(std::size_t(first + mesh.theta(mzi)), count);
        body(std::size_t(first + mesh.phi(mzi)), count);
      }
    });
  }
}

template <class Real>
bool MeshPoint<Real>::is_present(const OperatingPoint<Real>& at) const {
  return known_ && at.system.temperature_k == temperature_offset_k_ &&
         has_offset_ == !at.response_offset.empty() && same(at.controls, controls_) &&
         (!has_offset_ || same(at.response_offset, offset_));
}

template <class Real>
bool MeshPoint<Real>::move_to(const OperatingPoint<Real>& at) {
  require(at.controls.size() == controls_.size(), "mesh: one value a control");
  require(at.response_offset.empty() || at.response_offset.size() == controls_.size(),
          "mesh: one response offset a control, or none");
  if (is_present(at)) return false;
  std::copy(at.controls.begin(), at.controls.end(), controls_.begin());
  std::copy(at.response_offset.begin(), at.response_offset.end(), offset_.begin());
  has_offset_ = !at.response_offset.empty();
  temperature_offset_k_ = at.system.temperature_k;
  known_ = true;

  const double drift = physics_.kappa_rad_per_k * at.system.temperature_k;
  for (std::size_t k = 0; k < controls_.size(); ++k) {
    const double control = double(controls_[k]);
    driven_[k] = physics_.wrap ? wrap_phase(control) : control;
    phases_[k] = driven_[k] + (error_[k] + drift);
  }
  if (has_offset_) {
    for (std::size_t k = 0; k < offset_.size(); ++k) phases_[k] += double(offset_[k]);
  }
  if (physics_.crosstalk != 0) {
    over_columns([&](std::size_t first, Index count) {
      add_crosstalk(driven_.data() + first, count, physics_.crosstalk, decay_, phases_.data() + first);
    });
  }
  constexpr double turns_per_rad = 0.5 * std::numbers::inv_pi;
  for (std::size_t k = 0; k < phases_.size(); ++k) turns_[k] = Real(wrap_to_half(phases_[k] * turns_per_rad));

  const std::span<const Real> turns = turns_;
  for (int number = 0; number < plan_.meshes(); ++number) {
    const auto n = std::size_t(number);
    fill_cells(splitters_[n],
               turns.subspan(std::size_t(plan_.first_control(number)),
                             std::size_t(plan_.mesh(number).control_count())),
               cells_[n]);
  }
  for (std::size_t k = 0; k < transmission_.size(); ++k) {
    const Phasor<Real> alpha = phasor_of_turn(turns_[std::size_t(plan_.first_attenuator()) + k]);
    transmission_[k] = alpha.re;
    loss_[k] = -alpha.im;
  }
  return true;
}

template <class Real>
void MeshPoint<Real>::finish(std::span<double> sums, Pullback<Real>& out) {
  for (int number = 0; number < plan_.meshes(); ++number) {
    const RectangularMesh mesh = plan_.mesh(number);
    fold_sums(mesh, splitters_[std::size_t(number)],
              sums.subspan(std::size_t(plan_.first_control(number)), std::size_t(mesh.control_count())),
              std::span(flux_));
  }
  for (std::size_t k = 0; k < loss_.size(); ++k) {
    sums[std::size_t(plan_.first_attenuator()) + k] *= double(loss_[k]);
  }
  out.system.temperature_k = physics_.kappa_rad_per_k * std::accumulate(sums.begin(), sums.end(), 0.0);
  if (!out.response_offset.empty()) {
    require(out.response_offset.size() == sums.size(), "mesh: one offset gradient a control");
    for (std::size_t k = 0; k < sums.size(); ++k) out.response_offset[k] = Real(sums[k]);
  }
  if (out.controls.empty()) return;
  require(out.controls.size() == sums.size(), "mesh: one gradient a control");
  std::copy(sums.begin(), sums.end(), coupled_.begin());
  if (physics_.crosstalk != 0) {
    over_columns([&](std::size_t first, Index count) {
      add_crosstalk(sums.data() + first, count, physics_.crosstalk, decay_, coupled_.data() + first);
    });
  }
  for (std::size_t k = 0; k < coupled_.size(); ++k) out.controls[k] = Real(coupled_[k]);
}

template class MeshPoint<float>;
template class MeshPoint<double>;

}  // namespace pnn::platforms::mzi
