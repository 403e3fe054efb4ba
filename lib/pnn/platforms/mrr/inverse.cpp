// Controls for given weights. Each ring's curve, all else held, is inverted in closed form (a spline by
// bisection on its monotonic pieces); with crosstalk that is repeated until the rings agree.
#include <algorithm>
#include <cmath>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/platform/source.hpp"
#include "pnn/platforms/mrr/bank.hpp"

namespace pnn::platforms::mrr {

namespace {

/// Positions in [low, high] where base + amplitude/(width + v) equals the target.
template <class Curve>
void rational_roots(double base, double amplitude, double width, double target, double low, double high,
                    std::vector<double>& out) {
  const double v = amplitude / (target - base) - width;
  if (!(v >= 0 && v <= Curve::largest)) return;  // also where the target is the base itself
  const double distance = Curve::inverse(v);
  const bool periodic = Curve::period > 0;
  const Index first = periodic ? Index(std::floor(low)) : 0, last = periodic ? Index(std::ceil(high)) : 0;
  for (Index centre = first; centre <= last; ++centre) {
    for (const double position : {double(centre) - distance, double(centre) + distance}) {
      if (position >= low && position <= high) out.push_back(position);
    }
  }
}

/// Positions in [low, high] where v has an extremum.
template <class Curve>
void rational_extrema(double low, double high, std::vector<double>& out) {
  if (Curve::period > 0) {
    for (auto twice = Index(std::ceil(2 * low)); double(twice) <= 2 * high; ++twice) {
      out.push_back(double(twice) / 2);
    }
  } else if (low <= 0 && high >= 0) {
    out.push_back(0);
  }
}

/// Least and largest current, as Real holds them within the range.
template <class Real>
std::pair<double, double> ends_of(const BankPhysics& physics) {
  if (sizeof(Real) == sizeof(double)) return {physics.current_min_ma, physics.current_max_ma};
  const FloatRange range = inwards(physics.current_min_ma, physics.current_max_ma);
  return {double(range.lower), double(range.upper)};
}

}  // namespace

template <class Real>
double Bank<Real>::solve_each(ConstMatrixView<Real> weights, std::span<Real> controls) {
  find_local({controls, {}, 0});
  const auto [least_current, largest_current] = ends_of<Real>(physics_);
  const ControlBounds& narrowed = this->narrowed();
  double largest_change = 0;
  for (std::size_t k = 0; k < controls.size(); ++k) {
    const std::uint32_t ring = elements_[k];
    const double lowest = narrowed.empty() ? least_current : double(narrowed.lower[k]),
                 highest = narrowed.empty() ? largest_current : double(narrowed.upper[k]);
    const double target = double(weights.data()[k]), present = double(controls[k]);
    const double own = double(table_.heat[ring]) + double(table_.package[ring]);
    const double beta = double(table_.beta[ring]), width = double(table_.width[ring]);
    const double base = double(local_.base[k]), amplitude = double(local_.amplitude[k]);
    const auto heating = [&](double current) {
      return own * (1 + beta * current * current) * current * current;
    };
    const double cold = double(local_.position[k]) + heating(present);
    const double low = cold - heating(highest), high = cold - heating(lowest);
    const auto current_at = [&](double position) {
      const double y = std::max(0.0, (cold - position) / own);
      return std::clamp(std::sqrt(2 * y / (1 + std::sqrt(std::max(0.0, 1 + 4 * beta * y)))), lowest, highest);
    };
    const auto weight_at = [&](double position) {
      if (is_spline()) return splines_.at(ring, position).value;
      const double v = is_airy() ? AiryCurve::value(position) : LorentzCurve::value(position);
      return base + amplitude / (width + v);
    };

    positions_.clear();
    if (is_spline()) {
      splines_.roots(ring, target, low, high, positions_);
    } else if (is_airy()) {
      rational_roots<AiryCurve>(base, amplitude, width, target, low, high, positions_);
    } else {
      rational_roots<LorentzCurve>(base, amplitude, width, target, low, high, positions_);
    }
    double best = present;
    if (!positions_.empty()) {
      double nearest = 1e300;
      for (const double position : positions_) {
        const double current = current_at(position);
        if (std::abs(current - present) < nearest) {
          nearest = std::abs(current - present);
          best = current;
        }
      }
    } else {  // out of reach: the nearest value lies at an end of the range or at an extremum
      positions_.push_back(low);
      positions_.push_back(high);
      if (is_spline()) {
        splines_.candidates(ring, low, high, positions_);
      } else if (is_airy()) {
        rational_extrema<AiryCurve>(low, high, positions_);
      } else {
        rational_extrema<LorentzCurve>(low, high, positions_);
      }
      double least = 1e300;
      for (const double position : positions_) {
        const double left = std::abs(weight_at(position) - target);
        if (left < least) {
          least = left;
          best = current_at(position);
        }
      }
    }
    largest_change = std::max(largest_change, std::abs(best - present));
    controls[k] = Real(best);
  }
  return largest_change;
}

template <class Real>
double Bank<Real>::invert(ConstMatrixView<Real> weights, std::span<Real> controls) {
  require(weights.rows() == plan_.out && weights.cols() == plan_.in, "bank: weights of the bank's shape");
  require(controls.size() == elements_.size(), "bank: one control a weight");
  const auto [lowest, highest] = ends_of<Real>(physics_);
  const ControlBounds& narrowed = this->narrowed();
  for (std::size_t k = 0; k < controls.size(); ++k)
    controls[k] = std::clamp(controls[k], narrowed.empty() ? Real(lowest) : Real(narrowed.lower[k]),
                             narrowed.empty() ? Real(highest) : Real(narrowed.upper[k]));
  // Crosstalk is weak, so each round shrinks the error several times; far fewer rounds than these suffice.
  constexpr int most_rounds = 50;
  const double settled = (sizeof(Real) == 4 ? 1e-6 : 1e-12) * physics_.current_max_ma;
  for (int round = 0; round < most_rounds; ++round) {
    const double change = solve_each(weights, controls);
    if (!coupled() || change < settled) break;
  }
  Matrix<Real> reached(plan_.out, plan_.in);
  this->evaluate({controls, {}, 0}, view(reached));
  double left = 0;
  for (Index k = 0; k < reached.size(); ++k) {
    left = std::max(left, std::abs(double(reached.data()[k]) - double(weights.data()[k])));
  }
  return left;
}

template double Bank<float>::solve_each(ConstMatrixView<float>, std::span<float>);
template double Bank<double>::solve_each(ConstMatrixView<double>, std::span<double>);
template double Bank<float>::invert(ConstMatrixView<float>, std::span<float>);
template double Bank<double>::invert(ConstMatrixView<double>, std::span<double>);

}  // namespace pnn::platforms::mrr
