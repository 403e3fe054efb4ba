#include "pnn/model/quality.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <cmath>
#include <numbers>

#include "pnn/core/random.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using namespace pnn::model;

namespace {

double noise_at(std::uint32_t draw, std::size_t k) {
  return normal({11, Purpose::test, 0, 0, draw}, std::uint32_t(k));
}

/// `curve` at equal steps of a control from 0 to 5, with noise.
template <class CurveOf>
Samples sampled(std::size_t points, double noise, std::uint32_t draw, const CurveOf& curve) {
  Samples samples;
  for (std::size_t k = 0; k < points; ++k) {
    samples.control.push_back(5.0 * double(k) / double(points - 1));
    samples.response.push_back(curve(samples.control.back()) + noise * noise_at(draw, k));
    samples.sweep.push_back(0);
  }
  return samples;
}

double resonance(double control) {
  return -0.9 + 1.8 / (1 + std::pow((control - 4) / 0.4, 2));
}

/// The straight line through samples, by linear least squares.
struct Line {
  Matrix<double> basis;
  Vector<double> target;
  explicit Line(const Samples& s) : basis(s.size(), 2), target(s.size()) {
    for (Index n = 0; n < s.size(); ++n) {
      basis.row(n) << 1, s.control[std::size_t(n)];
      target[n] = s.response[std::size_t(n)];
    }
  }
  [[nodiscard]] Eigen::Vector2d without(Index left_out) const {
    Eigen::MatrixXd a = basis;
    Eigen::VectorXd y = target;
    if (left_out >= 0) a.row(left_out).setZero(), y[left_out] = 0;
    return a.colPivHouseholderQr().solve(y);
  }
};

}  // namespace

TEST_CASE("noise is that of the standard errors, of repeated readings, or of neighbours on a smooth curve") {
  Samples samples = sampled(41, 0.02, 1, resonance);
  CHECK(noise_of(samples).from == NoiseFrom::neighbouring_readings);
  double squares = 0;
  for (std::uint32_t draw = 0; draw < 50; ++draw)
    squares += std::pow(noise_of(sampled(41, 0.02, draw, resonance)).sigma, 2) / 50;
  CHECK(std::sqrt(squares) > 0.018);
  CHECK(std::sqrt(squares) < 0.03);
  Samples twice = samples;
  for (std::size_t k = 0; k < 41; ++k) {
    twice.control.push_back(samples.control[k]), twice.sweep.push_back(0);
    twice.response.push_back(resonance(samples.control[k]) + 0.02 * noise_at(99, k));
  }
  CHECK(noise_of(twice).from == NoiseFrom::repeated_readings);
  CHECK(noise_of(twice).sigma == Approx(0.02).epsilon(0.35));  // 41 degrees of freedom: three errors of 11 %
  samples.sigma = 0.004;
  CHECK(noise_of(samples).from == NoiseFrom::standard_errors);
  CHECK(noise_of(samples).sigma == 0.004);
  CHECK(noise_of(sampled(11, 0.02, 1, resonance)).from == NoiseFrom::nothing);
}

TEST_CASE("the held-out rms is that of fits without the sample, and chi-square is 1 of noise alone") {
  double mean = 0;
  for (std::uint32_t draw = 0; draw < 40; ++draw) {
    Samples samples = sampled(21, 0.1, draw, [](double control) { return 1 + 0.3 * control; });
    samples.sigma = 0.1;
    const Line line(samples);
    const Eigen::Vector2d all = line.without(-1);
    const Eigen::VectorXd left = line.basis * all - line.target;
    const Matrix<double> covariance = Eigen::MatrixXd(line.basis.transpose() * line.basis).inverse();
    const Residuals residuals{
        left.norm() / std::sqrt(21.0), 2, {left.begin(), left.end()}, leverages(line.basis, covariance)};
    const Quality quality = quality_of(samples, residuals);
    double squares = 0;
    for (Index n = 0; n < samples.size(); ++n)
      squares += std::pow(line.basis.row(n).dot(line.without(n)) - line.target[n], 2);
    CHECK(quality.held_out == Approx(std::sqrt(squares / 21)).epsilon(1e-9));
    CHECK(quality.held_out > residuals.rms);
    mean += quality.chi_square / 40;
  }
  CHECK(mean == Approx(1).margin(0.15));  // the error of this mean is √(2/19/40) = 0.05
}

TEST_CASE("an element without response is told from one with it, whatever is known of the noise") {
  const auto alive = [](Samples samples, double sigma) {
    samples.sigma = sigma;
    const Levels levels = levels_of(samples);
    return responds(samples, noise_of(samples), {levels.rms, 1, {}, {}});  // a fit that explains nothing
  };
  const auto flat = [](double) { return -0.87; };
  const auto slight = [](double control) { return 0.02 * control * control / 25; };
  std::size_t known = 0, guessed = 0;
  for (std::uint32_t draw = 0; draw < 100; ++draw) {
    known += alive(sampled(12, 0.01, draw, flat), 0.01) ? 1 : 0;
    guessed += alive(sampled(41, 0.01, draw, flat), 0) ? 1 : 0;
    CHECK(alive(sampled(41, 0.01, draw, resonance), 0.01));
    CHECK(alive(sampled(41, 0.2, draw, resonance), 0));
    CHECK(alive(sampled(16, 0.01, draw, resonance), 0));
    CHECK(alive(sampled(41, 0.002, draw, slight), 0.002));
    CHECK(alive(sampled(41, 0.002, draw, slight), 0));
    CHECK(alive(sampled(12, 0.02, draw, [](double x) { return std::cos(x); }), 0));
  }
  CHECK(known < 5);
  CHECK(guessed < 5);
  CHECK_FALSE(alive(sampled(41, 0, 0, flat), 0));
}

TEST_CASE("a residual stands out from three standard errors on, and from half a per cent of the curve") {
  Samples samples = sampled(41, 0, 0, resonance);
  samples.sigma = 0.002;
  const auto told = [&](double rms) { return stands_out(quality_of(samples, {rms, 1, {}, {}}), rms, 1.8); };
  CHECK_FALSE(told(0.0055));
  CHECK_FALSE(told(0.0085));
  CHECK(told(0.0095));
  samples.sigma = 0.01;
  CHECK_FALSE(told(0.028));
  CHECK(told(0.032));
  CHECK_FALSE(stands_out(Quality{std::nan(""), {}, std::nan("")}, 1, 1.8));  // nothing is known of the noise
}

TEST_CASE("residuals no larger than neighbours scatter are called that, unless the noise is known") {
  Quality quality;
  quality.noise = {0.05, NoiseFrom::neighbouring_readings};
  CHECK_FALSE(text_of_scatter(quality, 0.055).empty());
  CHECK(text_of_scatter(quality, 0.08).empty());
  for (const NoiseFrom from :
       {NoiseFrom::standard_errors, NoiseFrom::repeated_readings, NoiseFrom::nothing}) {
    quality.noise.from = from;
    CHECK(text_of_scatter(quality, 0.055).empty());
  }
}
