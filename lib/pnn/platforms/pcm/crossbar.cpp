#include "pnn/platforms/pcm/crossbar.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/pcm/age.hpp"

namespace pnn::platforms::pcm {
namespace {

/// Weights, or controls, handled by one chunk of a parallel loop: a part of the definition of a sum.
constexpr Index weight_chunk = 4096;

/// Periods of the programming error over the range of a level.
constexpr double error_periods = 2;
constexpr double error_wave = 2 * std::numbers::pi * error_periods;  // rad a level

template <class Body>
void over_chunks(Index count, const Body& body) {
  parallel_for(chunks_of(weight_chunk, count), [&](std::size_t number) {
    const Chunk chunk = chunk_of(number, weight_chunk, count);
    body(number, std::size_t(chunk.begin), std::size_t(chunk.begin + chunk.count));
  });
}

}  // namespace

double reference_level(double bend) {
  // a − b a (1 − a) = 1/2, in a form that a bend of 0 does not divide by
  const double linear = 1 - bend;
  return 1 / (linear + std::sqrt(linear * linear + 2 * bend));
}

double unit_of(const Process& process, const Plan& plan) {
  return (plan.differential() ? 1 : 2) / process.contrast();
}

Table device_table(const Process& process, const Plan& plan, const Cells& cells) {
  const double unit = unit_of(process, plan);
  const std::vector<double> shares = light_shares(plan, cells);
  const auto controls = std::size_t(plan.control_count()), weights = std::size_t(plan.weights());
  Table table;
  table.cells.resize(controls);
  for (std::size_t k = 0; k < controls; ++k) {
    const double sign = k < weights ? 1 : -1;
    table.cells[k] = {
        sign * unit * shares[k], cells.crystalline[k], cells.amorphous[k] - cells.crystalline[k],
        cells.bend[k],           cells.drift[k],       cells.write_sine[k],
        cells.write_cosine[k]};
  }
  if (plan.differential()) return table;
  table.constant.resize(weights);
  table.by_decade.resize(weights);
  const double level = reference_level(process.bend), angle = error_wave * level;
  for (Index i = 0; i < plan.out; ++i) {
    for (Index j = 0; j < plan.in; ++j) {
      const auto cell = std::size_t(plan.reference_cell(i / plan.outputs_of_array(), j));
      const auto weight = std::size_t(plan.cell(0, i, j));
      const double share =
          level + cells.write_sine[cell] * std::sin(angle) + cells.write_cosine[cell] * std::cos(angle);
      const double range = cells.amorphous[cell] - cells.crystalline[cell], gain = -unit * shares[cell];
      table.constant[weight] =
          gain * (cells.crystalline[cell] + range * (share - cells.bend[cell] * share * (1 - share)));
      table.by_decade[weight] = gain * range * cells.drift[cell] * share;
    }
  }
  return table;
}

Table model_table(const Process& process, const Plan& plan, std::span<const double> low,
                  std::span<const double> swing, std::span<const double> bend) {
  const double unit = unit_of(process, plan);
  const auto controls = std::size_t(plan.control_count()), weights = std::size_t(plan.weights());
  require(low.size() == controls && swing.size() == controls && bend.size() == controls,
          "a model of a crossbar has numbers of every cell with a control");
  const double part = plan.differential() ? 0.5 : 1;
  Table table;
  table.cells.resize(controls);
  for (std::size_t k = 0; k < controls; ++k) {
    const double sign = k < weights ? 1 : -1;
    table.cells[k] = {sign * unit, part * low[k] / unit, swing[k] / unit, bend[k], process.drift, 0, 0};
  }
  if (plan.differential()) return table;
  table.constant.assign(weights, 0);
  table.by_decade.assign(weights, -2 * process.drift * reference_level(process.bend));
  return table;
}

template <class Real>
Crossbar<Real>::Crossbar(const Plan& plan, double spread, const Table& table) : plan_(plan), spread_(spread) {
  elements_.resize(std::size_t(plan.control_count()));
  std::iota(elements_.begin(), elements_.end(), 0U);
  cells_.resize(elements_.size());
  if (!plan.differential()) {
    constant_.resize(std::size_t(plan.weights()));
    by_decade_.resize(constant_.size());
  }
  partial_.resize(chunks_of(weight_chunk, plan.weights()));
  set(table);
}

template <class Real>
void Crossbar<Real>::set(const Table& table) {
  require(table.cells.size() == cells_.size() && table.constant.size() == constant_.size() &&
              table.by_decade.size() == by_decade_.size(),
          "a table of a crossbar's own plan");
  for (std::size_t k = 0; k < cells_.size(); ++k) {
    const CellTerms& t = table.cells[k];
    cells_[k] = {Real(t.gain),  Real(t.low),  Real(t.range), Real(t.bend),
                 Real(t.drift), Real(t.sine), Real(t.cosine)};
  }
  for (std::size_t k = 0; k < constant_.size(); ++k) {
    constant_[k] = Real(table.constant[k]);
    by_decade_[k] = Real(table.by_decade[k]);
  }
}

template <class Real>
template <class Number>
auto Crossbar<Real>::share_of(const Cell& cell, Number level) -> Share<Number> {
  const Number sine = Number(cell.sine), cosine = Number(cell.cosine);
  if (sine == 0 && cosine == 0) return {level, 1, 0};
  constexpr auto wave = Number(error_wave);
  const Phasor<Number> at = phasor_of_turn(wrap_to_half(Number(error_periods) * level));
  const Number error = sine * at.im + cosine * at.re;
  return {level + error, 1 + wave * (sine * at.re - cosine * at.im), -wave * wave * error};
}

template <class Real>
template <class Number>
Number Crossbar<Real>::transmission(const Cell& cell, Number share, Number decades) {
  const Number bent = share - Number(cell.bend) * share * (1 - share);
  return Number(cell.low) + Number(cell.range) * (bent + Number(cell.drift) * decades * share);
}

template <class Real>
void Crossbar<Real>::check(const OperatingPoint<Real>& at) const {
  require(at.controls.size() == cells_.size(), "crossbar: a level for every cell with a control");
  require(at.response_offset.empty() || at.response_offset.size() == cells_.size(),
          "crossbar: a response offset for every control, or none");
}

template <class Real>
void Crossbar<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  check(at);
  const auto decades = Real(decades_of(at.system));
  const auto count = std::size_t(plan_.weights());
  const bool moved = !at.response_offset.empty();
  over_chunks(plan_.weights(), [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t w = begin; w < end; ++w) {
      Real sum = constant_.empty() ? Real(0) : constant_[w] + by_decade_[w] * decades;
      for (std::size_t k = w; k < cells_.size(); k += count) {
        const Cell& cell = cells_[k];
        const Real through = transmission(cell, share_of(cell, at.controls[k]).value, decades);
        sum += cell.gain * (moved ? through + at.response_offset[k] : through);
      }
      weights.data()[w] = sum;
    }
  });
}

template <class Real>
void Crossbar<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                              Pullback<Real>& out) {
  check(at);
  const auto decades = Real(decades_of(at.system));
  const auto count = std::size_t(plan_.weights());
  over_chunks(plan_.weights(), [&](std::size_t number, std::size_t begin, std::size_t end) {
    double by_decades = 0;
    for (std::size_t w = begin; w < end; ++w) {
      const Real gradient = weight_gradient.data()[w];
      if (!by_decade_.empty()) by_decades += double(gradient * by_decade_[w]);
      for (std::size_t k = w; k < cells_.size(); k += count) {
        const Cell& cell = cells_[k];
        const Share<Real> a = share_of(cell, at.controls[k]);
        const Real by_transmission = gradient * cell.gain;
        const Real by_share = cell.range * (1 - cell.bend * (1 - 2 * a.value) + cell.drift * decades);
        if (!out.controls.empty()) out.controls[k] = by_transmission * by_share * a.first;
        if (!out.response_offset.empty()) out.response_offset[k] = by_transmission;
        by_decades += double(by_transmission * cell.range * cell.drift * a.value);
      }
    }
    partial_[number] = by_decades;
  });
  out.system = {};
  double& by_decades = age().at(out.system);
  for (const double part : partial_) by_decades += part;
}

template <class Real>
template <class Body>
void Crossbar<Real>::each_control(const OperatingPoint<Real>& at, const Body& body) const {
  check(at);
  const auto decades = Real(decades_of(at.system));
  over_chunks(control_count(), [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      const Share<Real> a = share_of(cells_[k], at.controls[k]);
      body(k, cells_[k], a, 1 - cells_[k].bend * (1 - 2 * a.value) + cells_[k].drift * decades);
    }
  });
}

template <class Real>
void Crossbar<Real>::slope(const OperatingPoint<Real>& at, std::span<Real> out) {
  each_control(at, [&](std::size_t k, const Cell& cell, const Share<Real>& a, Real by_share) {
    out[k] = cell.gain * cell.range * by_share * a.first;
  });
}

template <class Real>
void Crossbar<Real>::curvature(const OperatingPoint<Real>& at, std::span<Real> out) {
  each_control(at, [&](std::size_t k, const Cell& cell, const Share<Real>& a, Real by_share) {
    out[k] = cell.gain * cell.range * (2 * cell.bend * a.first * a.first + by_share * a.second);
  });
}

template <class Real>
void Crossbar<Real>::response_slope(const OperatingPoint<Real>& at, std::span<Real> out) {
  each_control(at, [&](std::size_t k, const Cell& cell, const Share<Real>& a, Real by_share) {
    out[k] = cell.range * by_share * a.first;
  });
}

/// The step, from the present levels, that brings a weight to its target, or as near as its cells reach.
template <class Real>
double Crossbar<Real>::inverted(std::size_t weight, double target, std::span<Real> controls) const {
  const auto count = std::size_t(plan_.weights());
  const auto missing = [&](double step) {
    double sum = (constant_.empty() ? 0 : double(constant_[weight])) - target;
    for (std::size_t k = weight; k < cells_.size(); k += count) {
      const double level = bounded(k, double(controls[k]) + (k < count ? step : -step));
      sum += double(cells_[k].gain) * transmission(cells_[k], share_of(cells_[k], level).value, 0.0);
    }
    return sum;
  };
  double low = 0, high = 0, at_low = missing(0), at_high = at_low;
  if (at_low == 0) return 0;
  const double at_least = missing(-1), at_most = missing(1);
  if ((at_least <= 0) != (at_low <= 0)) {
    low = -1, at_low = at_least;
  } else if ((at_most <= 0) != (at_high <= 0)) {
    high = 1, at_high = at_most;
  } else {
    return std::abs(at_least) < std::abs(at_most) ? -1 : 1;
  }
  // the Illinois form of the secant between the ends of a bracket (Dowell and Jarratt, BIT 11, 168, 1971)
  constexpr int most_steps = 100;
  double step = low;
  int kept = 0;  // the end that the last step left where it was: −1 the low one, 1 the high one
  for (int n = 0; n < most_steps && high - low > 1e-15; ++n) {
    step = (low * at_high - high * at_low) / (at_high - at_low);
    if (!(step > low && step < high)) step = (low + high) / 2;
    const double at_step = missing(step);
    if (at_step == 0) break;
    if ((at_step <= 0) == (at_low <= 0)) {
      low = step, at_low = at_step;
      if (kept == 1) at_high /= 2;
      kept = 1;
    } else {
      high = step, at_high = at_step;
      if (kept == -1) at_low /= 2;
      kept = -1;
    }
  }
  return step;
}

template <class Real>
double Crossbar<Real>::invert(ConstMatrixView<Real> weights, std::span<Real> controls) {
  require(weights.rows() == rows() && weights.cols() == cols() && controls.size() == cells_.size(),
          "crossbar: weights and controls of its plan");
  const auto count = std::size_t(plan_.weights());
  for (std::size_t k = 0; k < controls.size(); ++k) controls[k] = Real(bounded(k, double(controls[k])));
  over_chunks(plan_.weights(), [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t w = begin; w < end; ++w) {
      const double step = inverted(w, double(weights.data()[w]), controls);
      for (std::size_t k = w; k < cells_.size(); k += count)
        controls[k] = Real(bounded(k, double(controls[k]) + (k < count ? step : -step)));
    }
  });
  Matrix<Real> given(rows(), cols());
  evaluate({controls, {}, {}}, view(given));
  return double((given - weights).cwiseAbs().maxCoeff());
}

template class Crossbar<float>;
template class Crossbar<double>;

}  // namespace pnn::platforms::pcm
