#include "pnn/platforms/mrr/flat_bank.hpp"

#include <algorithm>

#include "pnn/core/short_loops.hpp"

namespace pnn::platforms::mrr {

namespace {

/// As many doubles as a pack has lanes.
template <class Real>
struct DoubleLanes {
  using type = Pack<double>::Lanes;
};
template <>
struct DoubleLanes<float> {
  typedef double type __attribute__((vector_size(2 * vector_bytes)));
};

/// One number for all weights.
template <class Real>
struct EqualRings {
  Pack<Real> delta, heat, beta, base, amplitude, width;
  void seek(Index, Index) {}
};

/// A stream of numbers, moved along with the weights. Lanes beyond the end hold 1: any number that divides.
template <class Real>
struct OwnRings {
  const Real *deltas, *heats, *betas, *bases, *amplitudes, *widths;
  Pack<Real> delta, heat, beta, base, amplitude, width;
  void seek(Index k, Index count) {
    const auto take = [&](const Real* from) {
      return count == Pack<Real>::size ? Pack<Real>::load(from + k)
                                       : Pack<Real>::load_part(from + k, count, 1);
    };
    delta = take(deltas), heat = take(heats), beta = take(betas);
    base = take(bases), amplitude = take(amplitudes), width = take(widths);
  }
};

bool all_equal(const auto& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

}  // namespace

template <class Real>
FlatBank<Real>::FlatBank(const BankPlan& plan, const BankPhysics& physics) : Base(plan, physics) {
  const auto count = std::size_t(plan.weights());
  Streams& s = streams_;
  for (auto* values : {&s.delta, &s.heat, &s.beta, &s.base, &s.amplitude, &s.width}) values->resize(count);
  partial_.resize((count + weight_chunk - 1) / weight_chunk);
}

template <class Real>
void FlatBank<Real>::rings_changed() {
  const RingTable<Real>& t = this->table_;
  equal_ = all_equal(t.delta) && all_equal(t.heat) && all_equal(t.beta) && all_equal(t.base) &&
           all_equal(t.amplitude) && all_equal(t.width);
  if (equal_ || this->is_spline()) return;
  const auto elements = this->element_of_control();
  parallel_for(partial_.size(), [&](std::size_t chunk) {
    const std::size_t begin = chunk * weight_chunk, end = std::min(elements.size(), begin + weight_chunk);
    for (std::size_t k = begin; k < end; ++k) {
      const std::uint32_t ring = elements[k];
      streams_.delta[k] = t.delta[ring];
      streams_.heat[k] = t.heat[ring];
      streams_.beta[k] = t.beta[ring];
      streams_.base[k] = t.base[ring];
      streams_.amplitude[k] = t.amplitude[ring];
      streams_.width[k] = t.width[ring];
    }
  });
}

template <class Real>
template <class Body>
void FlatBank<Real>::with_parameters(const Body& body) const {
  if (equal_) {
    const RingTable<Real>& t = this->table_;
    body(EqualRings<Real>{t.delta[0], t.heat[0], t.beta[0], t.base[0], t.amplitude[0], t.width[0]});
  } else {
    const Streams& s = streams_;
    body(OwnRings<Real>{s.delta.data(),
                        s.heat.data(),
                        s.beta.data(),
                        s.base.data(),
                        s.amplitude.data(),
                        s.width.data(),
                        {},
                        {},
                        {},
                        {},
                        {},
                        {}});
  }
}

template <class Real>
template <class Curve, class Parameters>
void FlatBank<Real>::evaluate_chunk(const Parameters& parameters, const OperatingPoint<Real>& at, Index begin,
                                    Index end, Real* weights) const {
  using P = Pack<Real>;
  Parameters ring = parameters;
  const P ambient(Real(this->position_per_kelvin() * at.system.temperature_k));
  const P scale(Real(this->position_scale_));
  const Real* offset = at.response_offset.empty() ? nullptr : at.response_offset.data();
  const auto weight = [&](const P& current, const P& detuning) {
    const P square = current * current;
    P position = ring.delta + ambient - ring.heat * square * fma(ring.beta, square, P(1));
    if (offset) position = fma(scale, detuning, position);
    return ring.base + ring.amplitude / (ring.width + Curve::value(position));
  };
  Index k = begin;
  for (; k + P::size <= end; k += P::size) {
    ring.seek(k, P::size);
    weight(P::load(at.controls.data() + k), offset ? P::load(offset + k) : P(0)).store(weights + k);
  }
  if (k < end) {
    ring.seek(k, end - k);
    weight(P::load_part(at.controls.data() + k, end - k, 0),
           offset ? P::load_part(offset + k, end - k, 0) : P(0))
        .store_part(weights + k, end - k);
  }
}

template <class Real>
template <class Curve, class Parameters>
void FlatBank<Real>::pullback_chunk(const Parameters& parameters, const OperatingPoint<Real>& at, Index begin,
                                    Index end, const Real* gradient, Pullback<Real>& out,
                                    double& position_gradient) {
  using P = Pack<Real>;
  Parameters ring = parameters;
  const P ambient(Real(this->position_per_kelvin() * at.system.temperature_k));
  const P scale(Real(this->position_scale_));
  const Real* offset = at.response_offset.empty() ? nullptr : at.response_offset.data();
  // lane by lane, so that the sum does not depend on the vector's width
  using Sums = typename DoubleLanes<Real>::type;
  constexpr Index parts = lane_block / P::size;
  Sums sums[parts] = {};
  for (Index k = begin; k < end; k += P::size) {
    const Index count = std::min<Index>(P::size, end - k);
    const auto take = [&](const Real* from) {
      return count == P::size ? P::load(from + k) : P::load_part(from + k, count, 0);
    };
    const auto give = [&](const P& value, std::span<Real> to) {
      if (to.empty()) return;
      if (count == P::size) {
        value.store(to.data() + k);
      } else {
        value.store_part(to.data() + k, count);
      }
    };
    ring.seek(k, count);
    const P current = take(at.controls.data()), square = current * current;
    P position = ring.delta + ambient - ring.heat * square * fma(ring.beta, square, P(1));
    if (offset) position = fma(scale, take(offset), position);
    P v, slope, unused;
    Curve::slopes(position, v, slope, unused);
    const P inverse = P(1) / (ring.width + v);
    const P by_position = -take(gradient) * ring.amplitude * inverse * inverse * slope;
    give(by_position * scale, out.response_offset);
    give(-by_position * ring.heat * current * fma(P(4) * ring.beta, square, P(2)), out.controls);
    if (out.wants_system) sums[k / P::size % parts] += __builtin_convertvector(by_position.lanes, Sums);
  }
  position_gradient = 0;
  for (const Sums& part : sums)
    for (int lane = 0; lane < P::size; ++lane) position_gradient += part[lane];
}

template <class Real>
Real FlatBank<Real>::position_of(const OperatingPoint<Real>& at, std::size_t k, Real ambient) const {
  const RingTable<Real>& t = this->table_;
  const std::uint32_t ring = this->element_of_control()[k];
  const Real square = at.controls[k] * at.controls[k];
  const Real offset = at.response_offset.empty() ? 0 : at.response_offset[k] * Real(this->position_scale_);
  return t.delta[ring] + ambient - t.heat[ring] * square * (1 + t.beta[ring] * square) + offset;
}

template <class Real>
void FlatBank<Real>::spline_evaluate(const OperatingPoint<Real>& at, Index begin, Index end,
                                     Real* weights) const {
  const auto elements = this->element_of_control();
  const Real ambient = Real(this->position_per_kelvin() * at.system.temperature_k);
  for (auto k = std::size_t(begin); k < std::size_t(end); ++k) {
    weights[k] = Real(this->splines_.at(elements[k], double(position_of(at, k, ambient))).value);
  }
}

template <class Real>
void FlatBank<Real>::spline_pullback(const OperatingPoint<Real>& at, Index begin, Index end,
                                     const Real* gradient, Pullback<Real>& out,
                                     double& position_gradient) const {
  const RingTable<Real>& t = this->table_;
  const auto elements = this->element_of_control();
  const Real ambient = Real(this->position_per_kelvin() * at.system.temperature_k);
  double sum = 0;
  for (auto k = std::size_t(begin); k < std::size_t(end); ++k) {
    const std::uint32_t ring = elements[k];
    const Real current = at.controls[k];
    const Real slope = Real(this->splines_.at(ring, double(position_of(at, k, ambient))).first);
    const Real by_position = gradient[k] * slope;
    if (!out.response_offset.empty()) out.response_offset[k] = by_position * Real(this->position_scale_);
    if (!out.controls.empty()) {
      out.controls[k] = -by_position * t.heat[ring] * current * (2 + 4 * t.beta[ring] * current * current);
    }
    sum += double(by_position);
  }
  position_gradient = sum;
}

template <class Real>
void FlatBank<Real>::evaluate(const OperatingPoint<Real>& at, MatrixView<Real> weights) {
  this->check(at);
  const Index count = this->plan_.weights();
  parallel_for(partial_.size(), rings_ns(), [&](std::size_t chunk) {
    const Index begin = Index(chunk) * weight_chunk, end = std::min(count, begin + weight_chunk);
    if (this->is_spline()) return spline_evaluate(at, begin, end, weights.data());
    with_parameters([&](const auto& parameters) {
      if (this->is_airy()) {
        evaluate_chunk<AiryCurve>(parameters, at, begin, end, weights.data());
      } else {
        evaluate_chunk<LorentzCurve>(parameters, at, begin, end, weights.data());
      }
    });
  });
}

template <class Real>
void FlatBank<Real>::pullback(const OperatingPoint<Real>& at, ConstMatrixView<Real> weight_gradient,
                              Pullback<Real>& out) {
  this->check(at);
  const Index count = this->plan_.weights();
  parallel_for(partial_.size(), rings_ns(), [&](std::size_t chunk) {
    const Index begin = Index(chunk) * weight_chunk, end = std::min(count, begin + weight_chunk);
    const Real* gradient = weight_gradient.data();
    double& sum = partial_[chunk];
    if (this->is_spline()) return spline_pullback(at, begin, end, gradient, out, sum);
    with_parameters([&](const auto& parameters) {
      if (this->is_airy()) {
        pullback_chunk<AiryCurve>(parameters, at, begin, end, gradient, out, sum);
      } else {
        pullback_chunk<LorentzCurve>(parameters, at, begin, end, gradient, out, sum);
      }
    });
  });
  out.system.temperature_k = 0;
  for (const double sum : partial_) out.system.temperature_k += sum;
  out.system.temperature_k *= this->position_per_kelvin();
}

template <class Real>
void FlatBank<Real>::local(const OperatingPoint<Real>& at, Local& out) {
  const RingTable<Real>& t = this->table_;
  const auto elements = this->element_of_control();
  const Real ambient = Real(this->position_per_kelvin() * at.system.temperature_k);
  for (std::size_t k = 0; k < elements.size(); ++k) {
    out.position[k] = position_of(at, k, ambient);
    out.base[k] = t.base[elements[k]];
    out.amplitude[k] = t.amplitude[elements[k]];
  }
}

template class FlatBank<float>;
template class FlatBank<double>;

}  // namespace pnn::platforms::mrr
