#include "pnn/platforms/mrr/spline.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"

namespace pnn::platforms::mrr {

void CubicSplines::assign(const Array<double>& detuning_nm, const Array<double>& weight) {
  if (detuning_nm.shape.size() != 2 || detuning_nm.shape != weight.shape || detuning_nm.dim(1) < 2) {
    throw UsageError("spline: expected knots of shape [ring, 2 or more], equal for detuning and weight");
  }
  knots_ = Index(detuning_nm.dim(1));
  x_ = detuning_nm.data;
  y_ = weight.data;
  second_.assign(x_.size(), 0);
  work_.assign(std::size_t(knots_), 0);
  for (std::size_t ring = 0; ring < detuning_nm.dim(0); ++ring) {
    const double* x = x_.data() + ring * std::size_t(knots_);
    const double* y = y_.data() + ring * std::size_t(knots_);
    double* m = second_.data() + ring * std::size_t(knots_);
    for (Index k = 1; k < knots_; ++k) {
      if (!(x[k] > x[k - 1])) {
        throw UsageError("spline: knots of ring " + std::to_string(ring) + " do not ascend in detuning");
      }
    }
    // Continuity of the first derivative is a tridiagonal system in the second derivatives, which are zero
    // at both ends; eliminated downwards, solved upwards.
    double* upper = work_.data();
    for (Index k = 1; k + 1 < knots_; ++k) {
      const double left = x[k] - x[k - 1], right = x[k + 1] - x[k];
      const double pivot = 2 * (left + right) - left * upper[k - 1];
      const double rhs = 6 * ((y[k + 1] - y[k]) / right - (y[k] - y[k - 1]) / left);
      upper[k] = right / pivot;
      m[k] = (rhs - left * m[k - 1]) / pivot;
    }
    for (Index k = knots_ - 2; k >= 1; --k) m[k] -= upper[k] * m[k + 1];
  }
}

Index CubicSplines::segment(Index ring, double detuning_nm) const {
  const double* x = x_.data() + ring * knots_;
  const double* after = std::upper_bound(x + 1, x + knots_ - 1, detuning_nm);
  return Index(after - x) - 1;
}

SplineValue CubicSplines::at(Index ring, double detuning_nm) const {
  const double* x = x_.data() + ring * knots_;
  const double* y = y_.data() + ring * knots_;
  const double* m = second_.data() + ring * knots_;
  if (detuning_nm <= x[0]) return {y[0], 0, 0};
  if (detuning_nm >= x[knots_ - 1]) return {y[knots_ - 1], 0, 0};
  const Index k = segment(ring, detuning_nm);
  const double h = x[k + 1] - x[k], b = (detuning_nm - x[k]) / h, a = 1 - b;
  return {a * y[k] + b * y[k + 1] + ((a * a * a - a) * m[k] + (b * b * b - b) * m[k + 1]) * h * h / 6,
          (y[k + 1] - y[k]) / h + ((3 * b * b - 1) * m[k + 1] - (3 * a * a - 1) * m[k]) * h / 6,
          a * m[k] + b * m[k + 1]};
}

int CubicSplines::turning_points(Index ring, Index k, double out[2]) const {
  const double* x = x_.data() + ring * knots_;
  const double* y = y_.data() + ring * knots_;
  const double* m = second_.data() + ring * knots_;
  // slope(b) = p + q b + s b² with b in (0, 1) along the segment
  const double h = x[k + 1] - x[k];
  const double p = (y[k + 1] - y[k]) / h - (m[k + 1] + 2 * m[k]) * h / 6;
  const double q = m[k] * h, s = (m[k + 1] - m[k]) * h / 2;
  const double root = q * q - 4 * s * p;
  if (root < 0) return 0;
  const double t = -0.5 * (q + std::copysign(std::sqrt(root), q));
  double b[2] = {s != 0 ? t / s : -1, t != 0 ? p / t : -1};
  if (b[0] > b[1]) std::swap(b[0], b[1]);
  int count = 0;
  for (const double at : b) {
    if (at > 0 && at < 1) out[count++] = x[k] + at * h;
  }
  return count;
}

void CubicSplines::roots(Index ring, double weight, double low, double high, std::vector<double>& out) const {
  const double* x = x_.data() + ring * knots_;
  for (Index k = 0; k + 1 < knots_; ++k) {
    double ends[4] = {x[k]};
    const int turns = turning_points(ring, k, ends + 1);
    ends[turns + 1] = x[k + 1];
    for (int piece = 0; piece <= turns; ++piece) {  // monotonic on each piece: bisection cannot miss
      double a = std::max(ends[piece], low), b = std::min(ends[piece + 1], high);
      if (a > b) continue;
      double at_a = at(ring, a).value - weight;
      const double at_b = at(ring, b).value - weight;
      if (at_a == 0) out.push_back(a);
      if (at_a * at_b >= 0) continue;
      for (int step = 0; step < 60; ++step) {
        const double middle = 0.5 * (a + b), at_middle = at(ring, middle).value - weight;
        if ((at_middle > 0) == (at_a > 0)) {
          a = middle;
          at_a = at_middle;
        } else {
          b = middle;
        }
      }
      out.push_back(0.5 * (a + b));
    }
  }
}

void CubicSplines::candidates(Index ring, double low, double high, std::vector<double>& out) const {
  const double* x = x_.data() + ring * knots_;
  const auto add = [&](double at) {
    if (at >= low && at <= high) out.push_back(at);
  };
  for (Index k = 0; k < knots_; ++k) {
    add(x[k]);
    double turns[2];
    const int count = k + 1 < knots_ ? turning_points(ring, k, turns) : 0;
    for (int n = 0; n < count; ++n) add(turns[n]);
  }
}

}  // namespace pnn::platforms::mrr
