#include "pnn/platforms/mzi/interferometer.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace pnn::platforms::mzi {

Eigen::Matrix2cd mzi_matrix(double theta, double phi, double beta1, double beta2) {
  using Complex = std::complex<double>;
  const Complex i(0, 1), e = std::polar(1.0, theta), f = std::polar(1.0, phi);
  const double quarter = std::numbers::pi / 4;
  const double c1 = std::cos(quarter + beta1), s1 = std::sin(quarter + beta1);
  const double c2 = std::cos(quarter + beta2), s2 = std::sin(quarter + beta2);
  Eigen::Matrix2cd m;
  m << (c2 * c1 * e - s2 * s1) * f, i * (c2 * s1 * e + s2 * c1), i * (s2 * c1 * e + c2 * s1) * f,
      c2 * c1 - s2 * s1 * e;
  return m;
}

SolvedMzi solve_mzi(const Eigen::Matrix2cd& wanted, double beta1, double beta2, ThetaBranch branch) {
  constexpr double rounding = 1e-12;
  const double bar = std::norm(wanted(0, 0)), cross = std::norm(wanted(0, 1));
  const double sum = std::sin(beta1 + beta2), difference = std::sin(beta1 - beta2);
  // 4k sin²(θ/2) and 4k cos²(θ/2): from both shares, since an arc cosine of one would lose half the digits
  // where the other is small.
  const double sign = std::cos(2 * beta1) * std::cos(2 * beta2) < 0 ? -1 : 1;
  const double sine = sign * (bar - sum * sum), cosine = sign * (cross - difference * difference);
  SolvedMzi solved{};
  solved.reached = sine >= -rounding && cosine >= -rounding;
  solved.theta = 2 * std::atan2(std::sqrt(std::max(0.0, sine)), std::sqrt(std::max(0.0, cosine)));
  if (branch == ThetaBranch::beyond_half_turn) solved.theta = 2 * std::numbers::pi - solved.theta;

  const Eigen::Matrix2cd m = mzi_matrix(solved.theta, 0, beta1, beta2);
  const auto lacks = [&](int row, int col) { return std::arg(wanted(row, col)) - std::arg(m(row, col)); };
  // Of four phases three are free, and the two larger entries are the ones whose phases can be trusted.
  if (cross >= bar) {
    solved.above = lacks(0, 1);
    solved.phi = lacks(0, 0) - solved.above;
    solved.below = lacks(1, 0) - solved.phi;
  } else {
    solved.below = lacks(1, 1);
    solved.phi = lacks(1, 0) - solved.below;
    solved.above = lacks(0, 0) - solved.phi;
  }
  return solved;
}

}  // namespace pnn::platforms::mzi
