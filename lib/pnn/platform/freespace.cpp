#include "pnn/platform/freespace.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platform/freespace_light.hpp"

namespace pnn::platform {
namespace {

/// Pictures that are worked on side by side, one a lane.
constexpr Index most_lanes = 16;

Index lanes_for(Index pictures) {
  Index lanes = 1;
  while (lanes < std::min(pictures, most_lanes)) lanes *= 2;
  return lanes;
}

template <Index lanes>
using Lanes = std::integral_constant<Index, lanes>;

template <class Body>
void with_lanes(Index lanes, const Body& body) {
  switch (lanes) {
    case 1:
      return body(Lanes<1>{});
    case 2:
      return body(Lanes<2>{});
    case 4:
      return body(Lanes<4>{});
    case 8:
      return body(Lanes<8>{});
    default:
      return body(Lanes<most_lanes>{});
  }
}

/// to[input] += Σ_row light[row, input] from[row], in every lane.
template <Index lanes, class Real>
void scatter(const typename FreespaceLight<Real>::Cell& cell, Index rows, const Real* from, Real* to) {
  for (Index row = 0; row < rows; ++row) {
    const Real* s = from + row * lanes;
    for (std::uint32_t k = cell.begin[std::size_t(row)]; k < cell.begin[std::size_t(row) + 1]; ++k) {
      const Real light = cell.light[k];
      Real* w = to + Index(cell.input[k]) * lanes;
#pragma omp simd
      for (Index lane = 0; lane < lanes; ++lane) w[lane] += light * s[lane];
    }
  }
}

/// sum = Σ_input light[row, input] from[input], in every lane.
template <Index lanes, class Real>
void gather(const typename FreespaceLight<Real>::Cell& cell, Index row, const Real* from, Real* sum) {
  std::fill_n(sum, lanes, Real(0));
  for (std::uint32_t k = cell.begin[std::size_t(row)]; k < cell.begin[std::size_t(row) + 1]; ++k) {
    const Real light = cell.light[k];
    const Real* g = from + Index(cell.input[k]) * lanes;
#pragma omp simd
    for (Index lane = 0; lane < lanes; ++lane) sum[lane] += light * g[lane];
  }
}

}  // namespace

template <class Real>
class Freespace<Real>::Work {
 public:
  Work(const FreespacePlan& on, const FreespacePhysics& with)
      : plan(on),
        physics(with),
        light_(plan, {physics.blur_px, physics.conserve}),
        leak_(physics.contrast > 0 ? Real(1 / physics.contrast) : Real(0)),
        lanes_(lanes_for(plan.pictures())),
        transmissions_(std::size_t(plan.cells() * (plan.sites() + 1) * lanes_)),
        sums_(std::size_t(plan.cells() * plan.in() * lanes_)),
        slopes_(std::size_t(plan.cells())) {
    elements.resize(std::size_t(plan.control_count()));
    std::iota(elements.begin(), elements.end(), 0U);
  }

  void set_errors(const FreespaceErrors& errors) {
    misalignment_ = errors.misalignment;
    const bool even = std::all_of(errors.gain.begin(), errors.gain.end(), [](double z) { return z == 0; });
    light_.set_gain(even ? std::vector<double>()
                         : gain_field(errors.gain, physics.gain_length, plan.width(), plan.height()));
  }

  /// What the camera counts: signed and with the offset (the matrix), or all of it as it comes (the light).
  enum class Counting { differences, all };

  void evaluate(const OperatingPoint<Real>& at, Counting counting, MatrixView<Real> weights) {
    align(at.system);
    with_lanes(lanes_, [&]<Index lanes>(Lanes<lanes>) {
      parallel_for(std::size_t(plan.cells()), [&](std::size_t cell) {
        for (Index first = 0; first < plan.pictures(); first += lanes)
          evaluate_cell<lanes>(at, counting, Index(cell), first, weights);
      });
    });
  }

  void pullback(const OperatingPoint<Real>& at, const ConstMatrixView<Real>& gradient, Pullback<Real>& out) {
    align(at.system);
    std::fill(slopes_.begin(), slopes_.end(), System{});
    with_lanes(lanes_, [&]<Index lanes>(Lanes<lanes>) {
      parallel_for(std::size_t(plan.cells()), [&](std::size_t cell) {
        for (Index first = 0; first < plan.pictures(); first += lanes)
          pull_cell<lanes>(at, gradient, Index(cell), first, out);
      });
    });
    out.system = {};
    for (const System& slope : slopes_) out.system += slope;
  }

  FreespacePlan plan;
  FreespacePhysics physics;
  std::vector<std::uint32_t> elements;

 private:
  void align(const System& system) {
    System total = misalignment_;
    total += system;
    total.temperature_k = 0;
    if (!(total.magnification > -1)) {
      throw UsageError(plan.name + ": a picture magnified by " + format_number(1 + total.magnification) +
                       " is none; expected a scale above 0");
    }
    light_.align(total);
  }
  /// Factor of a polarity's transmissions.
  [[nodiscard]] Real factor(Index polarity, Counting counting) const {
    if (counting == Counting::all) return 1;
    return plan.signs == Signs::offset ? Real(2) : polarity == 0 ? Real(1) : Real(-1);
  }
  /// Polarities [first, end) that a cell of the plane shows: both where it is exposed twice.
  [[nodiscard]] std::pair<Index, Index> polarities_on(Index plane_cell) const {
    if (plan.signs != Signs::halves) return {0, plan.polarities()};
    const Index polarity = plane_cell / plan.cells();
    return {polarity, polarity + 1};
  }
  [[nodiscard]] Real* transmissions_of(Index cell) {
    return transmissions_.data() + cell * (plan.sites() + 1) * lanes_;
  }
  [[nodiscard]] Real* sums_of(Index cell) { return sums_.data() + cell * plan.in() * lanes_; }
  /// Output of a cell in a picture; plan.out and more where the last picture is not full.
  [[nodiscard]] Index output_of(Index cell, Index picture) const { return picture * plan.cells() + cell; }

  /// What a cell of the plane passes, a lane a picture: [sites, then the guard band].
  template <Index lanes>
  void load(const OperatingPoint<Real>& at, Counting counting, Index plane_cell, Index first,
            Real* to) const {
    const Index sites = plan.sites(), cell = plane_cell % plan.cells();
    std::fill_n(to, (sites + 1) * lanes, Real(0));
    const auto [begin, end] = polarities_on(plane_cell);
    for (Index polarity = begin; polarity < end; ++polarity) {
      const Real sign = factor(polarity, counting), pass = sign * (1 - leak_), dark = sign * leak_;
      for (Index lane = 0; lane < lanes; ++lane) {
        const Index output = output_of(cell, first + lane);
        if (output >= plan.out) continue;
        const Index control = plan.control(polarity, output, 0);
        const Real* s = at.controls.data() + control;
        const Real* more = at.response_offset.empty() ? nullptr : at.response_offset.data() + control;
        for (Index site = 0; site < sites; ++site)
          to[site * lanes + lane] += dark + pass * (more == nullptr ? s[site] : s[site] + more[site]);
        to[sites * lanes + lane] += dark;
      }
    }
  }

  template <Index lanes>
  void evaluate_cell(const OperatingPoint<Real>& at, Counting counting, Index cell, Index first,
                     MatrixView<Real>& weights) {
    Real* s = transmissions_of(cell);
    Real* w = sums_of(cell);
    const bool offset = plan.signs == Signs::offset && counting == Counting::differences;
    std::fill_n(w, plan.in() * lanes, Real(0));
    for (Index k = cell; k < plan.plane_cells(); k += plan.cells()) {
      load<lanes>(at, counting, k, first, s);
      // the guard band is dark where the modulator is, and where two exposures cancel
      const Index rows = plan.sites() + (s[plan.sites() * lanes] != 0 ? 1 : 0);
      scatter<lanes, Real>(light_.cell(k), rows, s, w);
    }
    for (Index lane = 0; lane < lanes; ++lane) {
      const Index output = output_of(cell, first + lane);
      if (output >= plan.out) break;
      Real* row = weights.data() + output * plan.in();
      for (Index j = 0; j < plan.in(); ++j) row[j] = w[j * lanes + lane] - (offset ? Real(1) : Real(0));
    }
  }

  template <Index lanes>
  void pull_cell(const OperatingPoint<Real>& at, const ConstMatrixView<Real>& gradient, Index cell,
                 Index first, Pullback<Real>& out) {
    Real* g = sums_of(cell);
    std::fill_n(g, plan.in() * lanes, Real(0));
    for (Index lane = 0; lane < lanes; ++lane) {
      const Index output = output_of(cell, first + lane);
      if (output >= plan.out) break;
      const Real* row = gradient.data() + output * plan.in();
      for (Index j = 0; j < plan.in(); ++j) g[j * lanes + lane] = row[j];
    }
    for (Index k = cell; k < plan.plane_cells(); k += plan.cells()) {
      if (!out.controls.empty() || !out.response_offset.empty()) pull_sites<lanes>(k, first, g, out);
      if (!out.wants_system) continue;
      Real* s = transmissions_of(cell);
      load<lanes>(at, Counting::differences, k, first, s);
      slopes_[std::size_t(cell)] += light_.slope(k, [&](Index row, Index input) {
        Real sum = 0;
        for (Index lane = 0; lane < lanes; ++lane) sum += s[row * lanes + lane] * g[input * lanes + lane];
        return double(sum);
      });
    }
  }

  template <Index lanes>
  void pull_sites(Index plane_cell, Index first, const Real* g, Pullback<Real>& out) const {
    const auto [begin, end] = polarities_on(plane_cell);
    const Index cell = plane_cell % plan.cells();
    std::array<Real, std::size_t(lanes)> sum;
    for (Index site = 0; site < plan.sites(); ++site) {
      gather<lanes, Real>(light_.cell(plane_cell), site, g, sum.data());
      for (Index polarity = begin; polarity < end; ++polarity) {
        const Real pass = factor(polarity, Counting::differences) * (1 - leak_);
        for (Index lane = 0; lane < lanes; ++lane) {
          const Index output = output_of(cell, first + lane);
          if (output >= plan.out) break;
          const auto control = std::size_t(plan.control(polarity, output, site));
          const Real slope = pass * sum[std::size_t(lane)];
          if (!out.controls.empty()) out.controls[control] = slope;
          if (!out.response_offset.empty()) out.response_offset[control] = slope;
        }
      }
    }
  }

  FreespaceLight<Real> light_;
  Real leak_;
  Index lanes_;
  System misalignment_;
  std::vector<Real> transmissions_, sums_;  ///< scratch of each cell, [site or input, lane]
  std::vector<System> slopes_;              ///< of each cell's part of the loss
};

template <class Real>
Freespace<Real>::Freespace(const FreespacePlan& plan, const FreespacePhysics& physics,
                           const FreespaceErrors& errors) {
  if (const auto wrong = check_plan(plan); !wrong.empty())
    throw UsageError(plan.name + ": " + join(wrong, "; "));
  work_ = std::make_unique<Work>(plan, physics);
  work_->set_errors(errors);
}
template <class Real>
Freespace<Real>::~Freespace() = default;
template <class Real>
const FreespacePlan& Freespace<Real>::plan() const {
  return work_->plan;
}
template <class Real>
Index Freespace<Real>::rows() const {
  return work_->plan.out;
}
template <class Real>
Index Freespace<Real>::cols() const {
  return work_->plan.in();
}
template <class Real>
Index Freespace<Real>::control_count() const {
  return work_->plan.control_count();
}
template <class Real>
double Freespace<Real>::response_spread() const {
  return work_->physics.response_spread;
}
template <class Real>
std::span<const std::uint32_t> Freespace<Real>::element_of_control() const {
  return work_->elements;
}
template <class Real>
void Freespace<Real>::set_errors(const FreespaceErrors& errors) {
  work_->set_errors(errors);
}
template <class Real>
void Freespace<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  work_->evaluate(at, Work::Counting::differences, weights);
}
template <class Real>
void Freespace<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                               Pullback<Real>& out) {
  work_->pullback(at, weight_gradient, out);
}
template <class Real>
void Freespace<Real>::light(const OperatingPoint<Real>& at, MatrixView<Real> sums) {
  work_->evaluate(at, Work::Counting::all, sums);
}

template class Freespace<float>;
template class Freespace<double>;

}  // namespace pnn::platform
