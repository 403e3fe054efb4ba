#include "pnn/model/quality.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::model {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t fewest_freedom = 8;

/// The samples of each sweep in the order of their controls; of equal controls the mean.
struct Sweep {
  std::vector<double> control, response;
  double squares = 0;       ///< of samples around the means of their controls
  std::size_t freedom = 0;  ///< of these squares
};

std::vector<Sweep> sweeps_of(const Samples& samples) {
  std::vector<std::vector<std::size_t>> order;
  for (std::size_t n = 0; n < samples.sweep.size(); ++n) {
    const auto sweep = std::size_t(samples.sweep[n]);
    if (order.size() <= sweep) order.resize(sweep + 1);
    order[sweep].push_back(n);
  }
  std::vector<Sweep> out;
  for (std::vector<std::size_t>& of_sweep : order) {
    std::stable_sort(of_sweep.begin(), of_sweep.end(),
                     [&](std::size_t l, std::size_t r) { return samples.control[l] < samples.control[r]; });
    Sweep& to = out.emplace_back();
    for (std::size_t begin = 0, end = 0; begin < of_sweep.size(); begin = end) {
      double sum = 0;
      while (end < of_sweep.size() && samples.control[of_sweep[end]] == samples.control[of_sweep[begin]])
        sum += samples.response[of_sweep[end++]];
      const double mean = sum / double(end - begin);
      for (std::size_t k = begin; k < end; ++k)
        to.squares += std::pow(samples.response[of_sweep[k]] - mean, 2);
      to.freedom += end - begin - 1;
      to.control.push_back(samples.control[of_sweep[begin]]);
      to.response.push_back(mean);
    }
  }
  return out;
}

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Deviations of samples from the cubic through two neighbours on either side, for noise of 1.
void add_pseudo_residuals(const Sweep& sweep, std::vector<double>& out) {
  const std::vector<double>&x = sweep.control, &y = sweep.response;
  for (std::size_t k = 2; k + 2 < x.size(); ++k) {
    const std::array<std::size_t, 4> around{k - 2, k - 1, k + 1, k + 2};
    double expected = 0, variance = 1;
    for (const std::size_t i : around) {
      double weight = 1;
      for (const std::size_t j : around)
        if (j != i) weight *= (x[k] - x[j]) / (x[i] - x[j]);
      expected += weight * y[i];
      variance += weight * weight;
    }
    out.push_back(std::abs(y[k] - expected) / std::sqrt(variance));
  }
}

constexpr double median_of_normal = 0.6745;  ///< of the magnitude of a normal deviate

}  // namespace

Noise noise_of(const Samples& samples) {
  if (samples.sigma > 0) return {samples.sigma, NoiseFrom::standard_errors};
  const std::vector<Sweep> sweeps = sweeps_of(samples);
  double squares = 0;
  std::size_t freedom = 0;
  std::vector<double> deviations;
  for (const Sweep& sweep : sweeps) {
    squares += sweep.squares, freedom += sweep.freedom;
    add_pseudo_residuals(sweep, deviations);
  }
  if (freedom >= fewest_freedom && squares > 0)
    return {std::sqrt(squares / double(freedom)), NoiseFrom::repeated_readings};
  if (deviations.size() < fewest_freedom) return {};
  const double sigma = median_of(deviations) / median_of_normal;
  return sigma > 0 ? Noise{sigma, NoiseFrom::neighbouring_readings} : Noise{};
}

std::vector<double> leverages(const Matrix<double>& jacobian, const Matrix<double>& unit_covariance) {
  std::vector<double> out;
  for (Index n = 0; n < jacobian.rows(); ++n) {
    double sum = 0;
    for (Index k = 0; k < jacobian.cols(); ++k)
      for (Index l = 0; l < jacobian.cols(); ++l)
        sum += jacobian(n, k) * unit_covariance(k, l) * jacobian(n, l);
    out.push_back(sum);
  }
  return out;
}

Quality quality_of(const Samples& samples, const Residuals& left) {
  Quality out{none, noise_of(samples), none};
  const double count = double(samples.size()), freedom = count - left.parameters;
  if (out.noise.sigma > 0 && freedom > 0)
    out.chi_square = count / freedom * std::pow(left.rms / out.noise.sigma, 2);
  double squares = 0;
  std::size_t known = 0;
  for (std::size_t n = 0; n < left.of_each.size(); ++n) {
    const double rest = 1 - left.leverage[n];
    if (rest > 1e-6) squares += std::pow(left.of_each[n] / rest, 2), ++known;
  }
  if (known > 0) out.held_out = std::sqrt(squares / double(known));
  return out;
}

bool stands_out(const Quality& quality, double rms, double range) {
  constexpr double left_out_by_formulas = 0.005;
  const double most = quality.noise.from == NoiseFrom::neighbouring_readings ? 5 : 3;
  return std::sqrt(quality.chi_square) > most && rms > left_out_by_formulas * range;
}

std::string text_of_scatter(const Quality& quality, double rms) {
  constexpr double about = 1.5;
  if (quality.noise.from != NoiseFrom::neighbouring_readings || rms > about * quality.noise.sigma) return {};
  return "as much as neighbouring readings scatter; a column sigma, or repeated readings, would say whether "
         "that "
         "is noise";
}

std::string text_of_excess(const Quality& quality) {
  return "residual of " + format_short(std::sqrt(quality.chi_square), 2) +
         (quality.noise.from == NoiseFrom::standard_errors ? " standard errors" : " times the noise");
}

Levels levels_of(const Samples& samples) {
  Levels out;
  std::vector<double> count;
  for (std::size_t n = 0; n < samples.sweep.size(); ++n) {
    const auto sweep = std::size_t(samples.sweep[n]);
    if (count.size() <= sweep) out.of_sweep.resize(sweep + 1), count.resize(sweep + 1);
    out.of_sweep[sweep] += samples.response[n], count[sweep] += 1;
  }
  for (std::size_t sweep = 0; sweep < count.size(); ++sweep)
    out.of_sweep[sweep] /= std::max(1.0, count[sweep]);
  double squares = 0;
  for (std::size_t n = 0; n < samples.sweep.size(); ++n)
    squares += std::pow(samples.response[n] - out.of_sweep[std::size_t(samples.sweep[n])], 2);
  out.rms = std::sqrt(squares / std::max(1.0, double(samples.size())));
  return out;
}

Residuals left_by_levels(const Samples& samples) {
  const Levels levels = levels_of(samples);
  std::vector<double> count(levels.of_sweep.size(), 0.0);
  for (const Index sweep : samples.sweep) count[std::size_t(sweep)] += 1;
  Residuals left{levels.rms, double(levels.of_sweep.size()), {}, {}};
  for (std::size_t n = 0; n < samples.response.size(); ++n) {
    const auto sweep = std::size_t(samples.sweep[n]);
    left.of_each.push_back(levels.of_sweep[sweep] - samples.response[n]);
    left.leverage.push_back(1 / count[sweep]);
  }
  return left;
}

double range_of(const Samples& samples) {
  const auto [least, most] = std::minmax_element(samples.response.begin(), samples.response.end());
  return *most - *least;
}

bool responds(const Samples& samples, const Noise& noise, const Residuals& left) {
  const Levels levels = levels_of(samples);
  const double count = double(samples.size()), freedom = count - double(levels.of_sweep.size());
  if (freedom < 1) return true;
  const double variance = count / freedom * levels.rms * levels.rms;
  double size = 0;
  for (const double level : levels.of_sweep) size = std::max(size, std::abs(level));
  if (levels.rms <= 1e-12 * size || levels.rms == 0) return false;
  if (noise.from == NoiseFrom::standard_errors || noise.from == NoiseFrom::repeated_readings) {
    const double expected = noise.sigma * noise.sigma;
    if (variance <= expected * (1 + 4 * std::sqrt(2 / freedom))) return false;
    if (variance > 16 * expected) return true;
  }
  const double unexplained = count / std::max(1.0, count - left.parameters) * left.rms * left.rms;
  if (unexplained < variance / 4) return true;

  double differences = 0, squares = 0, places = 0;
  std::vector<double> deviations;
  for (const Sweep& sweep : sweeps_of(samples)) {
    double mean = 0;
    for (const double y : sweep.response) mean += y / double(sweep.response.size());
    for (std::size_t k = 0; k < sweep.response.size(); ++k) {
      squares += std::pow(sweep.response[k] - mean, 2);
      if (k > 0) differences += std::pow(sweep.response[k] - sweep.response[k - 1], 2);
      deviations.push_back(std::abs(sweep.response[k] - mean));
    }
    places += double(sweep.response.size());
  }
  constexpr double fewest_places = 16, standing_out = 6;
  if (places < fewest_places || differences < squares * (2 - 3 * 2 / std::sqrt(places))) return true;
  const double largest = *std::max_element(deviations.begin(), deviations.end());
  return largest > standing_out * median_of(deviations) / median_of_normal;
}

void prepare_quality(platform::ChipModel& chip) {
  const std::vector<std::size_t> each{chip.values.dim(0), chip.elements.size()};
  chip.chi_square = chip.noise = chip.held_out = Array<double>(each, none);
  chip.dead = Array<double>(each);
}

void store_quality(const Quality& quality, bool dead, std::size_t at, platform::ChipModel& chip) {
  chip.chi_square.data[at] = quality.chi_square;
  chip.noise.data[at] = quality.noise.sigma > 0 ? quality.noise.sigma : none;
  chip.held_out.data[at] = quality.held_out;
  chip.dead.data[at] = dead ? 1 : 0;
}

void finish_quality(const std::vector<NoiseFrom>& from, platform::ChipModel& chip) {
  chip.noise_from.clear();
  for (const auto& [source, word] : {std::pair(NoiseFrom::standard_errors, "standard errors"),
                                     {NoiseFrom::repeated_readings, "repeated readings"},
                                     {NoiseFrom::neighbouring_readings, "neighbouring readings"}})
    if (std::find(from.begin(), from.end(), source) != from.end()) chip.noise_from.emplace_back(word);
  const auto is_dead = [](double dead) { return dead > 0; };
  if (std::none_of(chip.dead.data.begin(), chip.dead.data.end(), is_dead)) chip.dead = {};
}

}  // namespace pnn::model
