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

/// The fit's own parameters: θ_0, ln P_π, mean m, amplitude A = m V, in which the fringe is mildest, and the
/// fall s, in shares of the whole power.
enum : Index { theta0, log_p_pi, mean, amplitude, fall };

/// Angles' cosines and sines, by the C library at every place.
Eigen::ArrayXd cosine(const Eigen::ArrayXd& angle) {
  return angle.unaryExpr([](double a) { return std::cos(a); });
}
Eigen::ArrayXd sine(const Eigen::ArrayXd& angle) {
  return angle.unaryExpr([](double a) { return std::sin(a); });
}

ConstVectorView<double> responses(const Samples& samples) {
  return {samples.response.data(), samples.size()};
}

/// The curve of one shifter, and what is known of it.
struct Curve {
  const Samples& samples;
  int harmonic;
  Vector<double> power;    ///< mW
  Eigen::ArrayXd drifted;  ///< rad, the phase that its temperature adds to each sample
  double largest;          ///< power, mW

  Curve(const Samples& of, int h, double resistance_ohm, double kappa_rad_per_k)
      : samples(of), harmonic(h), drifted(of.size()) {
    const Eigen::Map<const Eigen::ArrayXd> current(of.control.data(), of.size());
    power = 1e-3 * resistance_ohm * current.square();
    for (Index n = 0; n < of.size(); ++n) drifted[n] = kappa_rad_per_k * of.drift_of(n);
    largest = std::max(power.maxCoeff(), 1e-300);
  }
  [[nodiscard]] Eigen::ArrayXd angles(double rad_per_mw, double phase) const {
    return harmonic * (phase + rad_per_mw * power.array() + drifted);
  }
};

/// Solves for all but P_π, in which alone the fringe is not linear; with a fall, as if it were 0.
Vector<double> start_at(double p_pi_mw, const Curve& curve, Index parameters) {
  const Eigen::ArrayXd angle = curve.angles(pi / p_pi_mw, 0);
  Eigen::MatrixXd basis(curve.power.size(), 3);
  basis << Eigen::VectorXd::Ones(curve.power.size()), cosine(angle).matrix(), sine(angle).matrix();
  const Eigen::Vector3d c = basis.colPivHouseholderQr().solve(responses(curve.samples));
  Vector<double> p = Vector<double>::Zero(parameters);
  p.head(fringe_parameters) << std::atan2(-c[2], c[1]) / curve.harmonic, std::log(p_pi_mw), c[0],
      std::hypot(c[1], c[2]);
  return p;
}

/// What the linear solution at this P_π leaves.
double left_at(const Vector<double>& p, const Curve& curve) {
  const ConstVectorView<double> y = responses(curve.samples);
  const Eigen::ArrayXd angle = curve.angles(pi * std::exp(-p[log_p_pi]), p[theta0]);
  Vector<double> left(y.size());
  for (Index k = 0; k < y.size(); ++k) left[k] = p[mean] + p[amplitude] * std::cos(angle[k]) - y[k];
  return squared_norm(left);
}

/// The most promising P_π of all that put a quarter of a period to one in four samples into the range, best
/// first. Steps of a fifth of a period: a start within that is in the valley of its solution.
std::vector<double> periods_that_fit(const Curve& curve) {
  constexpr double step = 0.2;
  constexpr std::size_t tried = 3;
  const double range = curve.power.maxCoeff() - curve.power.minCoeff(),
               most = std::min(40.0, double(curve.samples.size()) / 4);
  std::vector<std::pair<double, double>> left;  // sum of squares, P_π
  for (double periods = step; range > 0 && periods <= most; periods += step) {
    const double p_pi = curve.harmonic * range / (2 * periods);
    left.emplace_back(left_at(start_at(p_pi, curve, fringe_parameters), curve), p_pi);
  }
  std::sort(left.begin(), left.end());
  std::vector<double> best;
  for (std::size_t k = 0; k < std::min(tried, left.size()); ++k) best.push_back(left[k].second);
  return best;
}

/// The fit of a fringe with or without a fall.
FringeFit fit_curve(const Curve& curve, double nominal_p_pi_mw, FallShape shape) {
  const bool with_fall = shape != FallShape::none;
  const Samples& samples = curve.samples;
  const int harmonic = curve.harmonic;
  const Index parameters = fringe_parameters + (with_fall ? 1 : 0);
  const double freedom = double(samples.size() - parameters);
  require(freedom > 0, "fit of a fringe: as many parameters as samples");
  const auto angles = [&](const Vector<double>& p) -> Eigen::ArrayXd {
    return curve.angles(pi * std::exp(-p[log_p_pi]), p[theta0]);
  };
  // what is left of the light at each sample, or its derivative by the fall
  const auto light = [&](const Vector<double>& p, double Fall::Value::*part) {
    const Fall falling{shape, with_fall ? p[fall] : 0, 0};
    Eigen::ArrayXd out(samples.size());
    for (Index n = 0; n < samples.size(); ++n) out[n] = falling.at(curve.power[n] / curve.largest).*part;
    return out;
  };
  const LeastSquaresProblem problem{
      parameters, samples.size(),
      [&](const Vector<double>& p, Vector<double>& f) {
        f = (light(p, &Fall::Value::left) * (p[mean] + p[amplitude] * cosine(angles(p)))).matrix() -
            responses(samples);
      },
      [&](const Vector<double>& p, Matrix<double>& jacobian) {
        const Eigen::ArrayXd passed = light(p, &Fall::Value::left), angle = angles(p), wave = cosine(angle),
                             slope = -harmonic * p[amplitude] * passed * sine(angle);
        jacobian.resize(samples.size(), parameters);
        jacobian.col(theta0) = slope;
        jacobian.col(log_p_pi) = -slope * pi * std::exp(-p[log_p_pi]) * curve.power.array();
        jacobian.col(mean) = passed;
        jacobian.col(amplitude) = passed * wave;
        if (with_fall) jacobian.col(fall) = (p[mean] + p[amplitude] * wave) * light(p, &Fall::Value::by_s);
      }};

  LeastSquaresFit best;
  bool found = false;
  const auto start_from = [&](double p_pi_mw) {
    LeastSquaresFit fit = least_squares(problem, start_at(p_pi_mw, curve, parameters), 1e-6);
    if (!fit.parameters.allFinite() || !std::isfinite(fit.sum_of_squares)) return;
    // another solution has to be better by more than rounding: of equals the one nearest to the design stays
    if (!found || fit.sum_of_squares < best.sum_of_squares * (1 - 1e-6)) best = std::move(fit), found = true;
  };
  for (const double factor : {1.0, 0.8, 1.25, 0.6, 1.6, 0.4, 2.5}) start_from(factor * nominal_p_pi_mw);
  const ConstVectorView<double> y = responses(samples);
  const double middle = pnn::mean(y), total = sum((y.array() - middle).square());
  if (!found || !best.converged || best.sum_of_squares > 0.05 * total) {
    for (const double p_pi : periods_that_fit(curve)) start_from(p_pi);
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
  out.fall = {shape, with_fall ? p[fall] / curve.largest : 0, 0};
  out.rms = std::sqrt(best.sum_of_squares / double(samples.size()));
  out.left = {out.rms, double(parameters), {}, {}};
  out.converged = best.converged && std::isfinite(out.fringe.visibility) && p.allFinite();
  out.identified = best.identified && out.converged;
  if (!out.identified) return out;
  Matrix<double> change = Matrix<double>::Zero(fringe_parameters, parameters);
  change(0, theta0) = 1;
  change(1, log_p_pi) = out.fringe.p_pi_mw;
  change(2, amplitude) = sign / p[mean];
  change(2, mean) = -out.fringe.visibility / p[mean];
  change(3, mean) = 1;
  const double variance = std::max(best.sum_of_squares / freedom, samples.sigma * samples.sigma);
  out.covariance = change * (variance * best.unit_covariance) * change.transpose();
  if (with_fall) out.fall.sigma = std::sqrt(variance * best.unit_covariance(fall, fall)) / curve.largest;
  Vector<double> left(samples.size());
  problem.residual(best.parameters, left);
  Matrix<double> jacobian;
  problem.jacobian(best.parameters, jacobian);
  out.left.of_each.assign(left.begin(), left.end());
  out.left.leverage = leverages(jacobian, best.unit_covariance);
  return out;
}

}  // namespace

FringeFit fit_fringe(const Samples& samples, int harmonic, double resistance_ohm, double nominal_p_pi_mw,
                     double kappa_rad_per_k) {
  const Curve curve(samples, harmonic, resistance_ohm, kappa_rad_per_k);
  FringeFit fit = fit_curve(curve, nominal_p_pi_mw, FallShape::none);
  const auto [least, most] = std::minmax_element(samples.response.begin(), samples.response.end());
  const Quality before = quality_of(samples, fit.left);
  const double range = *most - *least, rms_before = fit.rms;
  if (!stands_out(before, fit.rms, range) || samples.size() <= fringe_parameters + 1) return fit;
  const auto demanded = [&](const FringeFit& falling) {
    return falling.identified && demands_fall(before, rms_before, quality_of(samples, falling.left),
                                              falling.fall, curve.largest, range);
  };
  FringeFit curved = fit_curve(curve, nominal_p_pi_mw, FallShape::exponential),
            straight = fit_curve(curve, nominal_p_pi_mw, FallShape::linear);
  const bool with_curved = demanded(curved), with_straight = demanded(straight);
  if (!with_curved && !with_straight) return fit;
  const bool told = !with_curved || !with_straight || tells_shapes(curved.rms, straight.rms, samples.size());
  if (!told) {
    const Fringe &one = curved.fringe, &other = straight.fringe;
    const Vector<double> apart{{std::remainder(one.theta0_rad - other.theta0_rad, 2 * pi / harmonic),
                                one.p_pi_mw - other.p_pi_mw, one.visibility - other.visibility,
                                one.offset - other.offset}};
    curved.covariance += apart * apart.transpose();
    curved.fall.sigma = std::hypot(curved.fall.sigma, curved.fall.per_mw - straight.fall.per_mw);
  }
  return with_curved && (!told || !with_straight || curved.rms < straight.rms) ? std::move(curved)
                                                                               : std::move(straight);
}

double rms_of_design(const Samples& samples, int harmonic, double resistance_ohm, const Fringe& design,
                     double kappa_rad_per_k) {
  const Curve curve(samples, harmonic, resistance_ohm, kappa_rad_per_k);
  const Eigen::ArrayXd angle = curve.angles(pi / design.p_pi_mw, design.theta0_rad);
  Eigen::MatrixXd basis(curve.power.size(), 2);
  basis << Eigen::VectorXd::Ones(curve.power.size()), cosine(angle).matrix();
  const Eigen::Vector2d c = basis.colPivHouseholderQr().solve(responses(samples));
  return norm(Vector<double>(basis * c - responses(samples))) / std::sqrt(double(samples.size()));
}

}  // namespace pnn::platforms::mzi::lab
