#include "pnn/platforms/mrr/bank.hpp"

#include <algorithm>
#include <numeric>

#include "pnn/core/chunks.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/flat_bank.hpp"
#include "pnn/platforms/mrr/tiled_bank.hpp"

namespace pnn::platforms::mrr {

namespace {

void check_size(const char* what, std::size_t found, Index rings) {
  if (found != std::size_t(rings)) {
    throw UsageError(std::string("bank: expected ") + std::to_string(rings) + " values of " + what +
                     ", one a ring, found " + std::to_string(found));
  }
}

template <class Body>
void over_weights(Index count, const Body& body) {
  parallel_for(chunks_of(weight_chunk, count), [&](std::size_t number) {
    const Chunk chunk = chunk_of(number, weight_chunk, count);
#pragma omp simd
    for (Index k = chunk.begin; k < chunk.begin + chunk.count; ++k) body(std::size_t(k));
  });
}

void check_bank(const BankPlan& plan, const BankPhysics& physics) {
  const std::string where = "bank " + plan.name + ": ";
  if (plan.out < 1 || plan.in < 1 || plan.chip_rows < 1 || plan.chip_cols < 1) {
    throw UsageError(where + "expected at least one output, input, chip row and chip column");
  }
  if (!(physics.current_min_ma < physics.current_max_ma) || physics.current_min_ma < 0) {
    throw UsageError(where + "expected a range of currents that starts at 0 mA or above and is not empty");
  }
  if (!(physics.fsr_nm > 0) || !(physics.channel_spacing_nm > 0)) {
    throw UsageError(where + "expected a positive free spectral range and channel spacing");
  }
  if (physics.crosstalk < 0 || physics.package_k_per_mw < 0 || physics.reach < 0 ||
      (physics.crosstalk > 0 && !(physics.crosstalk_length > 0))) {
    throw UsageError(where + "expected crosstalk, package heating and reach of 0 or more");
  }
  const double channels = channels_of_bus(physics.fsr_nm, physics.channel_spacing_nm);
  if (physics.response == Response::airy_bank && double(plan.chip_cols) > channels) {
    throw UsageError(where + "a bus carries at most floor(FSR/channel spacing) = " + format_number(channels) +
                     " channels, but the chip has " + std::to_string(plan.chip_cols) + " columns");
  }
}

}  // namespace

template <class Real>
Bank<Real>::Bank(const BankPlan& plan, const BankPhysics& physics)
    : plan_(plan), physics_(physics), position_scale_(1) {
  if (is_airy()) position_scale_ = 1 / physics.fsr_nm;
  elements_.resize(std::size_t(plan.weights()));
  for (Index i = 0; i < plan.out; ++i) {
    for (Index left = 0; left < plan.in; left += plan.chip_cols) {  // rings of a row of a chip are in order
      const Index count = std::min<Index>(plan.chip_cols, plan.in - left), first = plan.ring_of(i, left);
      std::iota(&elements_[std::size_t(i * plan.in + left)],
                &elements_[std::size_t(i * plan.in + left)] + count, std::uint32_t(first));
    }
  }
  const auto rings = std::size_t(plan.rings());
  RingTable<Real>& t = table_;
  for (auto* values :
       {&t.delta, &t.heat, &t.beta, &t.base, &t.amplitude, &t.width, &t.drop, &t.loss, &t.package}) {
    values->resize(rings);
  }
}

template <class Real>
void Bank<Real>::set_rings(const RingParameters& rings) {
  const Index count = plan_.rings();
  check_size("delta", rings.delta_nm.size(), count);
  check_size("eta", rings.eta_nm_per_mw.size(), count);
  check_size("resistance", rings.resistance_ohm.size(), count);
  check_size("beta", rings.beta_per_ma2.size(), count);
  const bool airy = is_airy(), lorentzian = physics_.response == Response::lorentzian;
  if (airy) {
    check_size("r", rings.r.size(), count);
    check_size("a", rings.a.size(), count);
  }
  if (lorentzian || !rings.gain.empty()) check_size("gain", rings.gain.size(), count);
  if (lorentzian || !rings.offset.empty()) check_size("offset", rings.offset.size(), count);
  if (lorentzian) check_size("hwhm", rings.hwhm_nm.size(), count);
  if (is_spline()) {
    check_size("spline knots", rings.knot_weight.dim(0), count);
    splines_.assign(rings.knot_detuning_nm, rings.knot_weight);
  }
  if (physics_.response == Response::airy_bank) {
    const auto other_than = [](const std::vector<double>& values, double wanted) {
      return std::find_if(values.begin(), values.end(), [&](double x) { return x != wanted; }) -
             values.begin();
    };
    const auto ring = std::min(other_than(rings.gain, 1), other_than(rings.offset, 0));
    if (ring < std::ptrdiff_t(std::max(rings.gain.size(), rings.offset.size()))) {
      throw UsageError(
          "bank: a ring with optical crosstalk cannot have a gain or an offset of its own; ring " +
          std::to_string(ring) + " has one");
    }
  }
  const double sign = physics_.polarity == Polarity::drop_thru ? 1 : -1;
  RingTable<Real>& t = table_;
  const auto set_curves = [&](const auto& coefficients) {
    Real *const base = t.base.data(), *const amplitude = t.amplitude.data(), *const width = t.width.data(),
                *const drop = t.drop.data(), *const loss = t.loss.data();
    over_weights(count, [=](std::size_t k) {
      const RationalCoefficients c = coefficients(k);
      base[k] = Real(c.base);
      amplitude[k] = Real(c.amplitude);
      width[k] = Real(c.width);
      drop[k] = Real(c.drop);
      loss[k] = Real(c.loss);
    });
  };
  const auto gain = [&](std::size_t k) { return rings.gain.empty() ? 1 : rings.gain[k]; };
  const auto offset = [&](std::size_t k) { return rings.offset.empty() ? 0 : rings.offset[k]; };
  if (lorentzian) {
    set_curves([&](std::size_t k) { return lorentzian_coefficients(rings.hwhm_nm[k], gain(k), offset(k)); });
  } else if (airy && rings.gain.empty() && rings.offset.empty()) {
    const double *const r = rings.r.data(), *const a = rings.a.data();
    set_curves([=](std::size_t k) { return airy_coefficients(r[k], a[k], 1, 0, sign); });
  } else if (airy) {
    set_curves(
        [&](std::size_t k) { return airy_coefficients(rings.r[k], rings.a[k], gain(k), offset(k), sign); });
  }
  const double scale = position_scale_, warmth = -position_per_kelvin() * physics_.package_k_per_mw;
  over_weights(count, [&](std::size_t k) {
    const double power = 1e-3 * rings.resistance_ohm[k];
    t.delta[k] = Real(rings.delta_nm[k] * scale);
    t.heat[k] = Real(rings.eta_nm_per_mw[k] * power * scale);
    t.beta[k] = Real(rings.beta_per_ma2[k]);
    t.package[k] = Real(warmth * power);
  });
  rings_changed();
}

template <class Real>
void Bank<Real>::check(const OperatingPoint<Real>& at) const {
  require(at.controls.size() == elements_.size(), "bank: one control a weight");
  require(at.response_offset.empty() || at.response_offset.size() == elements_.size(),
          "bank: one response offset a weight, or none");
}

template <class Real>
template <class Curve>
typename Bank<Real>::Slopes Bank<Real>::rational_slopes(Real position, Real amplitude, Real width) const {
  Real v, first, second;
  Curve::slopes(position, v, first, second);
  const Real inverse = 1 / (width + v), by_v = -amplitude * inverse * inverse;
  return {by_v * first, by_v * (second - 2 * inverse * first * first)};
}

template <class Real>
typename Bank<Real>::Slopes Bank<Real>::weight_slopes(std::size_t k) const {
  const std::uint32_t ring = elements_[k];
  if (is_spline()) {
    const SplineValue value = splines_.at(ring, double(local_.position[k]));
    return {Real(value.first), Real(value.second)};
  }
  if (is_airy())
    return rational_slopes<AiryCurve>(local_.position[k], local_.amplitude[k], table_.width[ring]);
  return rational_slopes<LorentzCurve>(local_.position[k], local_.amplitude[k], table_.width[ring]);
}

template <class Real>
void Bank<Real>::find_local(const OperatingPoint<Real>& at) {
  for (auto* values : {&local_.position, &local_.base, &local_.amplitude}) values->resize(elements_.size());
  local(at, local_);
}

template <class Real>
void Bank<Real>::slope(const OperatingPoint<Real>& at, std::span<Real> out) {
  check(at);
  require(out.size() == elements_.size(), "bank: one slope a weight");
  find_local(at);
  over_weights(plan_.weights(), [&](std::size_t k) {
    const std::uint32_t ring = elements_[k];
    const Real current = at.controls[k], beta = table_.beta[ring];
    const Real own = table_.heat[ring] + table_.package[ring];
    out[k] = -weight_slopes(k).first * own * current * (2 + 4 * beta * current * current);
  });
}

template <class Real>
void Bank<Real>::curvature(const OperatingPoint<Real>& at, std::span<Real> out) {
  check(at);
  require(out.size() == elements_.size(), "bank: one curvature a weight");
  find_local(at);
  over_weights(plan_.weights(), [&](std::size_t k) {
    const std::uint32_t ring = elements_[k];
    const Real current = at.controls[k], beta = table_.beta[ring];
    const Real own = table_.heat[ring] + table_.package[ring];
    const Real first = -own * current * (2 + 4 * beta * current * current);
    const Real second = -own * (2 + 12 * beta * current * current);
    const Slopes weight = weight_slopes(k);
    out[k] = weight.second * first * first + weight.first * second;
  });
}

template <class Real>
void Bank<Real>::response_slope(const OperatingPoint<Real>& at, std::span<Real> out) {
  check(at);
  require(out.size() == elements_.size(), "bank: one response slope a weight");
  const Real nm = Real(1 / position_scale_);
  over_weights(plan_.weights(), [&](std::size_t k) {
    const std::uint32_t ring = elements_[k];
    const Real current = at.controls[k], beta = table_.beta[ring];
    out[k] = -nm * (table_.heat[ring] + table_.package[ring]) * current * (2 + 4 * beta * current * current);
  });
}

template <class Real>
std::unique_ptr<Bank<Real>> make_bank(const BankPlan& plan, const BankPhysics& physics,
                                      const RingParameters& rings) {
  check_bank(plan, physics);
  const bool thermal = physics.crosstalk > 0 || physics.package_k_per_mw > 0;
  std::unique_ptr<Bank<Real>> bank;
  if (thermal || physics.response == Response::airy_bank) {
    bank = std::make_unique<TiledBank<Real>>(plan, physics);
  } else {
    bank = std::make_unique<FlatBank<Real>>(plan, physics);
  }
  bank->set_rings(rings);
  return bank;
}

template class Bank<float>;
template class Bank<double>;
template std::unique_ptr<Bank<float>> make_bank(const BankPlan&, const BankPhysics&, const RingParameters&);
template std::unique_ptr<Bank<double>> make_bank(const BankPlan&, const BankPhysics&, const RingParameters&);

}  // namespace pnn::platforms::mrr
