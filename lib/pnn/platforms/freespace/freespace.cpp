#include "pnn/platforms/freespace/freespace.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/short_loops.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/transpose.hpp"
#include "pnn/platforms/freespace/light.hpp"
#include "pnn/platforms/freespace/picture_sums.hpp"
#include "pnn/platforms/freespace/spread.hpp"

namespace pnn::platforms::freespace {
namespace {

/// Pictures that are worked on side by side, one a lane; a single picture is worked on alone.
template <Index lanes>
using Lanes = std::integral_constant<Index, lanes>;

Index lanes_for(Index pictures) {
  return pictures > 1 ? Index(lane_block) : 1;
}

template <class Body>
void with_lanes(Index lanes, const Body& body) {
  if (lanes == 1) {
    body(Lanes<1>{});
  } else {
    body(Lanes<Index(lane_block)>{});
  }
}

Index padded(Index count) {
  return (count + lane_block - 1) / lane_block * lane_block;
}

/// sum = Σ light from[number] over the terms of sum k, in every lane, beginning with what is there to `add`.
template <Index lanes, class Real>
void gather(const typename Light<Real>::Sums& sums, Index k, const Real* from, Real* sum, bool add) {
  using Sums = PictureSums<Real, lanes>;
  Sums total = add ? Sums(sum) : Sums();
  const std::uint32_t end = sums.begin[std::size_t(k) + 1];
  for (std::uint32_t term = sums.begin[std::size_t(k)]; term < end; ++term)
    total.add(sums.light[term], from + Index(sums.number[term]) * lanes);
  total.store(sum);
}

}  // namespace

template <class Real>
class Freespace<Real>::Work {
 public:
  Work(const Plan& on, const Physics& with)
      : plan(on),
        physics(with),
        lanes_(lanes_for(plan.pictures())),
        light_(plan, physics.conserve),
        spread_(plan, physics.blur_px, lanes_),
        across_(gain_functions(physics.gain_length, plan.width())),
        down_(gain_functions(physics.gain_length, plan.height())),
        leak_(physics.contrast > 0 ? Real(1 / physics.contrast) : Real(0)),
        width_(padded(std::max(plan.sites() + 1, plan.in()))),
        slopes_(std::size_t(plan.cells())) {
    elements.resize(std::size_t(plan.control_count()));
    std::iota(elements.begin(), elements.end(), 0U);
  }

  void set_errors(const Errors& errors) {
    misalignment_ = errors.misalignment;
    const bool even = std::all_of(errors.gain.begin(), errors.gain.end(), [](double z) { return z == 0; });
    spread_.set_gain(even ? std::vector<double>() : gain_field(errors.gain, across_, down_));
    light_.set_rows(spread_.none() ? std::nullopt
                                   : std::optional(Surroundings{spread_.reach(), spread_.pitch()}));
  }

  /// What the camera counts: signed and with the offset (the matrix), or all of it as it comes (the light).
  enum class Counting { differences, all };

  void evaluate(const OperatingPoint<Real>& at, Counting counting, MatrixView<Real> weights) {
    align(at.system);
    with_lanes(lanes_, [&]<Index lanes>(Lanes<lanes>) {
      parallel_for(std::size_t(plan.cells()), work_ns(), [&](std::size_t cell) {
        for (Index first = 0; first < plan.pictures(); first += lanes)
          evaluate_cell<lanes>(at, counting, Index(cell), first, weights);
      });
    });
  }

  void pullback(const OperatingPoint<Real>& at, const ConstMatrixView<Real>& gradient, Pullback<Real>& out) {
    align(at.system);
    std::fill(slopes_.begin(), slopes_.end(), System{});
    with_lanes(lanes_, [&]<Index lanes>(Lanes<lanes>) {
      parallel_for(std::size_t(plan.cells()), work_ns(), [&](std::size_t cell) {
        for (Index first = 0; first < plan.pictures(); first += lanes)
          pull_cell<lanes>(at, gradient, Index(cell), first, out);
      });
    });
    out.system = {};
    for (const System& slope : slopes_) out.system += slope;
  }

  Plan plan;
  Physics physics;
  std::vector<std::uint32_t> elements;

 private:
  /// About what passes over all cells take.
  [[nodiscard]] double work_ns() const {
    return pass_ns(plan.control_count() +
                   (spread_.none() ? 0 : 10 * plan.plane_cells() * spread_.pixels() * lanes_));
  }
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
  /// Memory for a cell in which each picture is a row [lane, width_], or a lane [width_, lane].
  enum Scratch { rows_of_pictures = 2, sites_in_lanes, inputs_in_lanes, lit_in_lanes };
  template <int Which>
  [[nodiscard]] Real* scratch() const {
    return memory_of_thread<Real, Which>(width_ * lanes_);
  }
  /// What the camera gets of what a cell of the plane passes: a row of Light a pixel, or where nothing
  /// spreads, what its sites pass.
  const Real* spread(Index plane_cell, const Real* passed) const {
    if (spread_.none()) return passed;
    Real* lit = memory_of_thread<Real, lit_in_lanes>(spread_.pixels() * lanes_);
    spread_.forward(plane_cell, passed, lit);
    return lit;
  }
  /// Rows [lane, width_] to columns [width_, lane], and back.
  template <Index lanes>
  void to_lanes(const Real* rows, Real* columns) const {
    transpose(rows, width_, lanes, width_, columns, lanes);
  }
  template <Index lanes>
  void to_rows(const Real* columns, Real* rows) const {
    transpose(columns, lanes, width_, lanes, rows, width_);
  }
  /// Output of a cell in a picture; plan.out and more where the last picture is not full.
  [[nodiscard]] Index output_of(Index cell, Index picture) const { return picture * plan.cells() + cell; }

  /// What a cell of the plane passes, a lane a picture: [sites, then the guard band].
  template <Index lanes>
  void load(const OperatingPoint<Real>& at, Counting counting, Index plane_cell, Index first, Real* to) {
    const Index sites = plan.sites(), cell = plane_cell % plan.cells();
    Real* rows = scratch<rows_of_pictures>();
    const auto [begin, end] = polarities_on(plane_cell);
    for (Index lane = 0; lane < lanes; ++lane) {
      Real* row = rows + lane * width_;
      std::fill_n(row, sites + 1, Real(0));
      const Index output = output_of(cell, first + lane);
      if (output >= plan.out) continue;
      for (Index polarity = begin; polarity < end; ++polarity) {
        const Real sign = factor(polarity, counting), pass = sign * (1 - leak_), dark = sign * leak_;
        const Real* s = at.controls.data() + plan.control(polarity, output, 0);
#pragma omp simd
        for (Index site = 0; site < sites; ++site) row[site] += dark + pass * s[site];
        row[sites] += dark;
        if (at.response_offset.empty()) continue;
        const Real* more = at.response_offset.data() + plan.control(polarity, output, 0);
#pragma omp simd
        for (Index site = 0; site < sites; ++site) row[site] += pass * more[site];
      }
    }
    to_lanes<lanes>(rows, to);
  }

  template <Index lanes>
  void evaluate_cell(const OperatingPoint<Real>& at, Counting counting, Index cell, Index first,
                     MatrixView<Real>& weights) {
    Real* s = scratch<sites_in_lanes>();
    Real* w = scratch<inputs_in_lanes>();
    for (Index k = cell; k < plan.plane_cells(); k += plan.cells()) {
      load<lanes>(at, counting, k, first, s);
      const Real* lit = spread(k, s);
      const auto& light = light_.cell(k).inputs;
      for (Index input = 0; input < plan.in(); ++input)
        gather<lanes, Real>(light, input, lit, w + input * lanes, k != cell);
    }
    Real* rows = scratch<rows_of_pictures>();
    to_rows<lanes>(w, rows);
    const bool offset = plan.signs == Signs::offset && counting == Counting::differences;
    for_each_output<lanes>(cell, first, [&](Index lane, Index output) {
      const ConstVectorView<Real> row(rows + lane * width_, plan.in());
      VectorView<Real>(weights.data() + output * plan.in(), plan.in()) = row.array() - Real(offset ? 1 : 0);
    });
  }

  template <Index lanes>
  void pull_cell(const OperatingPoint<Real>& at, const ConstMatrixView<Real>& gradient, Index cell,
                 Index first, Pullback<Real>& out) {
    Real* rows = scratch<rows_of_pictures>();
    Real* g = scratch<inputs_in_lanes>();
    Real* s = scratch<sites_in_lanes>();
    std::fill_n(rows, width_ * lanes, Real(0));
    for_each_output<lanes>(cell, first, [&](Index lane, Index output) {
      std::copy_n(gradient.data() + output * plan.in(), plan.in(), rows + lane * width_);
    });
    to_lanes<lanes>(rows, g);
    for (Index k = cell; k < plan.plane_cells(); k += plan.cells()) {
      if (!out.controls.empty() || !out.response_offset.empty()) {
        pull_light<lanes>(k, g, s);
        to_rows<lanes>(s, rows);
        store_slopes<lanes>(k, first, rows, out);
      }
      if (!out.wants_system) continue;
      load<lanes>(at, Counting::differences, k, first, s);
      const Real* lit = spread(k, s);
      slopes_[std::size_t(cell)] += light_.slope(k, [&](Index row, Index input) {
        Real sum = 0;
        for (Index lane = 0; lane < lanes; ++lane) sum += lit[row * lanes + lane] * g[input * lanes + lane];
        return double(sum);
      });
    }
  }

  /// ∂L/∂(light that a site passes) from ∂L/∂(light of an input), in lanes.
  template <Index lanes>
  void pull_light(Index plane_cell, const Real* by_input, Real* by_site) const {
    const auto& light = light_.cell(plane_cell).rows;
    const Index rows = spread_.none() ? plan.sites() : spread_.pixels();
    Real* to = spread_.none() ? by_site : memory_of_thread<Real, lit_in_lanes>(rows * lanes);
    for (Index row = 0; row < rows; ++row) gather<lanes, Real>(light, row, by_input, to + row * lanes, false);
    if (!spread_.none()) spread_.backward(plane_cell, to, by_site);
  }

  /// ∂L/∂(light that a site passes), a row a picture, to the gradients of the transmissions.
  template <Index lanes>
  void store_slopes(Index plane_cell, Index first, const Real* rows, Pullback<Real>& out) const {
    const std::pair<Index, Index> shown = polarities_on(plane_cell);
    for_each_output<lanes>(plane_cell % plan.cells(), first, [&](Index lane, Index output) {
      const ConstVectorView<Real> row(rows + lane * width_, plan.sites());
      for (Index polarity = shown.first; polarity < shown.second; ++polarity) {
        const Real pass = factor(polarity, Counting::differences) * (1 - leak_);
        const Index control = plan.control(polarity, output, 0);
        for (const std::span<Real> to : {out.controls, out.response_offset}) {
          if (!to.empty()) VectorView<Real>(to.data() + control, plan.sites()) = pass * row;
        }
      }
    });
  }

  /// Calls body(lane, output) for the pictures from `first` on that have the cell.
  template <Index lanes, class Body>
  void for_each_output(Index cell, Index first, const Body& body) const {
    for (Index lane = 0; lane < lanes && output_of(cell, first + lane) < plan.out; ++lane)
      body(lane, output_of(cell, first + lane));
  }

  Index lanes_;
  Light<Real> light_;
  Spread<Real> spread_;
  Matrix<double> across_, down_;  ///< of the gain
  Real leak_;
  Index width_;
  System misalignment_;
  std::vector<System> slopes_;  ///< of each cell's part of the loss
};

template <class Real>
Freespace<Real>::Freespace(const Plan& plan, const Physics& physics, const Errors& errors) {
  if (const auto wrong = check_plan(plan); !wrong.empty())
    throw UsageError(plan.name + ": " + join(wrong, "; "));
  work_ = std::make_unique<Work>(plan, physics);
  work_->set_errors(errors);
}
template <class Real>
Freespace<Real>::~Freespace() = default;
template <class Real>
const Plan& Freespace<Real>::plan() const {
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
void Freespace<Real>::set_errors(const Errors& errors) {
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
double Freespace<Real>::invert(ConstMatrixView<Real> weights, std::span<Real> controls) {
  show_weights(plan(), weights, controls);
  Matrix<Real> given(rows(), cols());
  evaluate({controls, {}, {}}, view(given));
  return double((given - weights).cwiseAbs().maxCoeff());
}
template <class Real>
void Freespace<Real>::light(const OperatingPoint<Real>& at, MatrixView<Real> sums) {
  work_->evaluate(at, Work::Counting::all, sums);
}

template class Freespace<float>;
template class Freespace<double>;

}  // namespace pnn::platforms::freespace
