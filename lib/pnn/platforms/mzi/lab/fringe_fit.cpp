#include "pnn/platforms/mzi/lab/fringe_fit.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/model/least_squares.hpp"

namespace pnn::platforms::mzi::lab {

namespace {

using std::numbers::pi;

/// The fit's own parameters: θ_0, ln P_π, mean m and amplitude A = m V, in which the fringe is mildest.
enum : Index { theta0, log_p_pi, mean, amplitude };

/// Angles' cosines and sines, by the C library at every place.
Eigen::ArrayXd cosine(const Eigen::ArrayXd& angle) {
  return angle.unaryExpr([](double a) { return std::cos(a); });
}
Eigen::ArrayXd sine(const Eigen::ArrayXd& angle) {
  return angle.unaryExpr([](double a) { return std::sin(a); });
}

Vector<double> heater_power(const Samples& samples, double resistance_ohm) {
  const Eigen::Map<const Eigen::ArrayXd> current(samples.control.data(), samples.size());
  return 1e-3 * resistance_ohm * current.square();
}
ConstVectorView<double> responses(const Samples& samples) {
  return {samples.response.data(), samples.size()};
}

/// Solves for all but P_π, in which alone the fringe is not linear.
Vector<double> start_at(double p_pi_mw, const Vector<double>& power, const Samples& samples, int harmonic) {
  const Eigen::ArrayXd angle = harmonic * pi / p_pi_mw * power.array();
  Eigen::MatrixXd basis(power.size(), 3);
  basis << Eigen::VectorXd::Ones(power.size()), cosine(angle).matrix(), sine(angle).matrix();
  const Eigen::Vector3d c = basis.colPivHouseholderQr().solve(responses(samples));
  Vector<double> p(fringe_parameters);
  p << std::atan2(-c[2], c[1]) / harmonic, std::log(p_pi_mw), c[0], std::hypot(c[1], c[2]);
  return p;
}

/// What the linear solution at this P_π leaves.
double left_at(const Vector<double>& p, const Vector<double>& power, const Samples& samples, int harmonic) {
  const ConstVectorView<double> y = responses(samples);
  const double turns = pi * std::exp(-p[log_p_pi]);
  Vector<double> left(y.size());
  for (Index k = 0; k < y.size(); ++k)
    left[k] = p[mean] + p[amplitude] * std::cos(harmonic * (p[theta0] + turns * power[k])) - y[k];
  return squared_norm(left);
}

/// The most promising P_π of all that put a quarter of a period to one in four samples into the range, best
/// first. Steps of a fifth of a period: a start within that is in the valley of its solution.
std::vector<double> periods_that_fit(const Vector<double>& power, const Samples& samples, int harmonic) {
  constexpr double step = 0.2;
  constexpr std::size_t tried = 3;
  const double range = power.maxCoeff() - power.minCoeff(), most = std::min(40.0, double(samples.size()) / 4);
  std::vector<std::pair<double, double>> left;  // sum of squares, P_π
  for (double periods = step; range > 0 && periods <= most; periods += step) {
    const double p_pi = harmonic * range / (2 * periods);
    left.emplace_back(left_at(start_at(p_pi, power, samples, harmonic), power, samples, harmonic), p_pi);
  }
  std::sort(left.begin(), left.end());
  std::vector<double> best;
  for (std::size_t k = 0; k < std::min(tried, left.size()); ++k) best.push_back(left[k].second);
  return best;
}

}  // namespace

FringeFit fit_fringe(const Samples& samples, int harmonic, double resistance_ohm, double nominal_p_pi_mw) {
  const double freedom = double(samples.size() - fringe_parameters);
  require(freedom > 0, "fit of a fringe: as many parameters as samples");
  const Vector<double> power = heater_power(samples, resistance_ohm);
  const auto angles = [&](const Vector<double>& p) -> Eigen::ArrayXd {
    return harmonic * (p[theta0] + pi * std::exp(-p[log_p_pi]) * power.array());
  };
  const LeastSquaresProblem problem{
      fringe_parameters, samples.size(),
      [&](const Vector<double>& p, Vector<double>& f) {
        f = (p[mean] + p[amplitude] * cosine(angles(p))).matrix() - responses(samples);
      },
      [&](const Vector<double>& p, Matrix<double>& jacobian) {
        const Eigen::ArrayXd angle = angles(p), slope = -harmonic * p[amplitude] * sine(angle);
        jacobian.resize(samples.size(), fringe_parameters);
        jacobian.col(theta0) = slope;
        jacobian.col(log_p_pi) = -slope * pi * std::exp(-p[log_p_pi]) * power.array();
        jacobian.col(mean).setOnes();
        jacobian.col(amplitude) = cosine(angle);
      }};

  LeastSquaresFit best;
  bool found = false;
  const auto start_from = [&](double p_pi_mw) {
    LeastSquaresFit fit = least_squares(problem, start_at(p_pi_mw, power, samples, harmonic), 1e-6);
    if (!fit.parameters.allFinite() || !std::isfinite(fit.sum_of_squares)) return;
    // another solution has to be better by more than rounding: of equals the one nearest to the design stays
    if (!found || fit.sum_of_squares < best.sum_of_squares * (1 - 1e-6)) best = std::move(fit), found = true;
  };
  for (const double factor : {1.0, 0.8, 1.25, 0.6, 1.6, 0.4, 2.5}) start_from(factor * nominal_p_pi_mw);
  const ConstVectorView<double> y = responses(samples);
  const double middle = pnn::mean(y), total = sum((y.array() - middle).square());
  if (!found || !best.converged || best.sum_of_squares > 0.05 * total) {
    for (const double p_pi : periods_that_fit(power, samples, harmonic)) start_from(p_pi);
  }
  FringeFit out;
  out.covariance = Matrix<double>::Zero(fringe_parameters, fringe_parameters);
  if (!found) return out;
  best = least_squares(problem, best.parameters, 1e-12);

  Vector<double> p = best.parameters;
  const double sign = p[mean] * p[amplitude] < 0 ? -1 : 1;  // a negative visibility is half a period
  if (sign < 0) p[theta0] += pi / harmonic;
  out.fringe = {std::remainder(p[theta0], 2 * pi / harmonic), std::exp(p[log_p_pi]),
                sign * p[amplitude] / p[mean], p[mean]};
  out.rms = std::sqrt(best.sum_of_squares / double(samples.size()));
  out.converged = best.converged && std::isfinite(out.fringe.visibility) && p.allFinite();
  out.identified = best.identified && out.converged;
  if (!out.identified) return out;
  Matrix<double> change = Matrix<double>::Zero(fringe_parameters, fringe_parameters);
  change(0, theta0) = 1;
  change(1, log_p_pi) = out.fringe.p_pi_mw;
  change(2, amplitude) = sign / p[mean];
  change(2, mean) = -out.fringe.visibility / p[mean];
  change(3, mean) = 1;
  const double variance = std::max(best.sum_of_squares / freedom, samples.sigma * samples.sigma);
  out.covariance = change * (variance * best.unit_covariance) * change.transpose();
  return out;
}

double rms_of_design(const Samples& samples, int harmonic, double resistance_ohm, const Fringe& design) {
  const Vector<double> power = heater_power(samples, resistance_ohm);
  const Eigen::ArrayXd angle = harmonic * (design.theta0_rad + pi / design.p_pi_mw * power.array());
  Eigen::MatrixXd basis(power.size(), 2);
  basis << Eigen::VectorXd::Ones(power.size()), cosine(angle).matrix();
  const Eigen::Vector2d c = basis.colPivHouseholderQr().solve(responses(samples));
  return norm(Vector<double>(basis * c - responses(samples))) / std::sqrt(double(samples.size()));
}

}  // namespace pnn::platforms::mzi::lab
