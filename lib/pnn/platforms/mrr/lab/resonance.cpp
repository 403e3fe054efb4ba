#include "pnn/platforms/mrr/lab/resonance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <span>

#include "pnn/model/least_squares.hpp"
#include "pnn/platforms/mrr/lab/extrema.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

using model::BusPort;
using model::PortTrace;
using model::Spectrum;
using std::numbers::pi;

constexpr double decibel = 10 / std::numbers::ln10;
constexpr double window_fwhm = 6, drop_window_fwhm = 3;  ///< of a fit, to either side

/// L of a resonance at a distance x from it, and its derivatives by x and by ln FWHM.
struct Peak {
  double value = 0, by_x = 0, by_width = 0;
};
Peak peak_at(double x, double fwhm, double fsr_nm) {
  double u = x * x, u_by_x = 2 * x, w = fwhm * fwhm / 4, w_by_width = 2 * w;
  if (fsr_nm > 0) {
    const double turn = pi / fsr_nm, half = turn * fwhm / 2;
    u = std::sin(turn * x) * std::sin(turn * x);
    u_by_x = turn * std::sin(2 * turn * x);
    w = std::sin(half) * std::sin(half);
    w_by_width = half * std::sin(2 * half);
  }
  Peak peak;
  peak.value = w / (w + u);
  peak.by_x = -peak.value * peak.value / w * u_by_x;
  peak.by_width = (peak.value - peak.value * peak.value) / w * w_by_width;
  return peak;
}

/// The points of one trace in the window of a resonance, and what other resonances do there: the share of the
/// light that they leave on the bus, and what they drop in units of the light that this one drops.
struct Window {
  BusPort port;
  std::span<const double> wavelength_nm, power;
  std::vector<double> left, dropped;
  std::vector<double> weight;  ///< of a residual; below 1 where a dip is deeper than detectors see
};

/// In dB the light at the bottom of a deep dip would outweigh all other, as if it were known as closely: a
/// detector's floor 30 dB below the bus is taken.
std::vector<double> weights_of(const Spectrum& s, const PortTrace& trace, std::size_t first,
                               std::size_t count) {
  std::vector<double> weights(count, 1.0);
  if (!s.decibel || trace.port != BusPort::through || count == 0) return weights;
  const auto begin = trace.power.begin() + std::ptrdiff_t(first);
  const double bus = *std::max_element(begin, begin + std::ptrdiff_t(count));
  constexpr double floor = 1e-3;
  for (std::size_t n = 0; n < count; ++n) {
    const double light = std::pow(10, (trace.power[first + n] - bus) / 10);
    weights[n] = light / (light + floor);
  }
  return weights;
}

Window window_of(const Spectrum& s, const PortTrace& trace, double center_nm, double reach_nm) {
  const auto begin = std::lower_bound(s.wavelength_nm.begin(), s.wavelength_nm.end(), center_nm - reach_nm);
  const auto end = std::upper_bound(begin, s.wavelength_nm.end(), center_nm + reach_nm);
  const auto first = std::size_t(begin - s.wavelength_nm.begin()), count = std::size_t(end - begin);
  return {trace.port,
          std::span(s.wavelength_nm).subspan(first, count),
          std::span(trace.power).subspan(first, count),
          std::vector<double>(count, 1.0),
          std::vector<double>(count, 0.0),
          weights_of(s, trace, first, count)};
}

/// Takes other resonances into account. `drop`: the light that this one drops, if it is known.
void add_others(Window& window, const std::vector<Resonance>& others, const std::optional<Measured>& drop,
                double fsr_nm) {
  for (const Resonance& other : others) {
    for (std::size_t n = 0; n < window.power.size(); ++n) {
      const double peak =
          peak_at(window.wavelength_nm[n] - other.wavelength_nm.value, other.fwhm_nm.value, fsr_nm).value;
      if (window.port == BusPort::drop)
        window.dropped[n] += peak * (drop && other.drop ? other.drop->value / drop->value : 1);
      else if (window.port == BusPort::through)
        window.left[n] *= std::max(1e-6, 1 - (other.through ? 1 - other.through->value : 0) * peak);
      else
        window.left[n] *= 1 - (other.difference ? other.difference->value : 0) / 2 * peak;
    }
  }
}

/// Least squares of one resonance in all traces. Parameters: the place of λ0 and ln FWHM, in units of a
/// start, and four of each trace: level, slope and curvature of its envelope, and 1 − T0, the floor of a drop
/// port, or A of a balanced detector. A split resonance has one more, half its distance in FWHM.
class Problem {
 public:
  Problem(std::vector<Window> windows, bool decibels, double center_nm, double fwhm_nm, double fsr_nm,
          bool split, bool curved)
      : windows_(std::move(windows)),
        decibels_(decibels),
        center_nm_(center_nm),
        scale_nm_(fwhm_nm),
        fsr_nm_(fsr_nm),
        split_(split),
        terms_(curved ? 3 : 2) {
    for (const Window& w : windows_) residuals_ += Index(w.power.size());
  }
  static constexpr Index shared = 2;
  [[nodiscard]] Index own() const { return terms_ + 1; }
  [[nodiscard]] Index parameters() const {
    return shared + own() * Index(windows_.size()) + (split_ ? 1 : 0);
  }
  [[nodiscard]] Index residuals() const { return residuals_; }
  [[nodiscard]] const std::vector<Window>& windows() const { return windows_; }

  [[nodiscard]] Vector<double> start() const {
    Vector<double> p = Vector<double>::Zero(parameters());
    for (std::size_t k = 0; k < windows_.size(); ++k) {
      const Window& w = windows_[k];
      double* const q = &p[shared + own() * Index(k)];
      std::vector<double> sorted(w.power.begin(), w.power.end());
      std::sort(sorted.begin(), sorted.end());
      const double low = sorted.front(), high = sorted.back(), upper = sorted[sorted.size() * 9 / 10];
      if (w.port == BusPort::drop) {
        q[0] = high;
        q[terms_] = 0;
      } else if (w.port == BusPort::through) {
        q[0] = upper;
        const double depth = decibels_ ? 1 - std::pow(10, (low - upper) / 10) : 1 - low / upper;
        q[terms_] = std::clamp(depth, 0.05, 0.999);
      } else {
        q[0] = std::max(std::abs(low), std::abs(high));
        q[terms_] = 1.9;
      }
    }
    if (split_) p[parameters() - 1] = 0.4;
    return p;
  }

  /// Value of trace k at a point, and its derivatives by all parameters (zero where they do not matter).
  double value(const Vector<double>& p, std::size_t k, std::size_t n, double* by) const {
    const double wavelength_nm = windows_[k].wavelength_nm[n];
    const double fwhm = scale_nm_ * std::exp(p[1]);
    const double x = wavelength_nm - center_nm_ - scale_nm_ * p[0];
    const Index at = shared + own() * Index(k), last = parameters() - 1;
    const double offset = split_ ? p[last] * fwhm : 0;
    double peak = 0, by_x = 0, by_width = 0, by_split = 0;
    for (const double side : split_ ? std::array{1.0, -1.0} : std::array{0.0, 2.0}) {
      if (side == 2) break;
      const Peak part = peak_at(x - side * offset, fwhm, fsr_nm_);
      const double share = split_ ? 0.5 : 1;
      peak += share * part.value;
      by_x += share * part.by_x;
      by_width += share * (part.by_width - part.by_x * side * offset);
      by_split += -share * part.by_x * side * fwhm;
    }
    const double y = x / scale_nm_;  // of the envelope
    const double* const q = &p[at];
    double out = 0, by_peak = 0;
    std::array<double, 4> own_by{1, y, terms_ > 2 ? y * y : 0, 0};
    const BusPort port = windows_[k].port;
    const double left = windows_[k].left[n], dropped = windows_[k].dropped[n];
    const bool drop = port == BusPort::drop;
    // the light at the port before its envelope, and its derivative by the peak
    double bare = drop ? peak + q[terms_] + dropped * (1 - peak) : (1 - q[terms_] * peak) * left;
    const double bare_by_peak = drop ? 1 - dropped : -q[terms_] * left, bare_by_own = drop ? 1 : -peak * left;
    const double bend = terms_ > 2 ? q[2] : 0;
    double envelope = q[0] + q[1] * y + bend * y * y;
    const double envelope_by_y = q[1] + 2 * bend * y;
    if (port == BusPort::through_drop || port == BusPort::drop_through || !decibels_) {
      // linear: the envelope is a factor
      const double sign = port == BusPort::drop_through ? -1 : 1;
      if (port == BusPort::through_drop || port == BusPort::drop_through) bare += left - 1;
      out = sign * envelope * bare;
      for (double& one : own_by) one *= sign * bare;
      by_peak = sign * envelope * bare_by_peak;
      own_by[terms_] = sign * envelope * bare_by_own;
      if (by != nullptr) by[0] = -sign * bare * envelope_by_y;
    } else {
      bare = std::max(1e-12, bare);
      out = envelope + decibel * std::log(bare);
      by_peak = decibel / bare * bare_by_peak;
      own_by[terms_] = decibel / bare * bare_by_own;
      if (by != nullptr) by[0] = -envelope_by_y;
    }
    if (by == nullptr) return out;
    by[0] += -scale_nm_ * by_peak * by_x;
    by[1] = by_peak * by_width;
    for (Index i = 0; i < own(); ++i) by[at + i] = own_by[std::size_t(i)];
    if (split_) by[last] = by_peak * by_split;
    return out;
  }

  [[nodiscard]] model::LeastSquaresFit solve(const Vector<double>& from) const {
    const auto each = [this](const auto& body) {
      Index row = 0;
      for (std::size_t k = 0; k < windows_.size(); ++k)
        for (std::size_t n = 0; n < windows_[k].power.size(); ++n) body(k, n, row++);
    };
    model::LeastSquaresProblem problem;
    problem.parameters = parameters();
    problem.residuals = residuals_;
    problem.residual = [this, each](const Vector<double>& p, Vector<double>& f) {
      each([&](std::size_t k, std::size_t n, Index row) {
        f[row] = windows_[k].weight[n] * (value(p, k, n, nullptr) - windows_[k].power[n]);
      });
    };
    problem.jacobian = [this, each](const Vector<double>& p, Matrix<double>& j) {
      j.setZero();
      std::vector<double> by(std::size_t(parameters()), 0.0);
      each([&](std::size_t k, std::size_t n, Index row) {
        std::fill(by.begin(), by.end(), 0.0);
        static_cast<void>(value(p, k, n, by.data()));
        for (Index i = 0; i < parameters(); ++i) j(row, i) = windows_[k].weight[n] * by[std::size_t(i)];
      });
    };
    return model::least_squares(problem, from, 1e-10);
  }

 private:
  std::vector<Window> windows_;
  bool decibels_;
  double center_nm_, scale_nm_, fsr_nm_;
  bool split_;
  Index terms_;  ///< of the envelope: level and slope, and curvature
  Index residuals_ = 0;
};

/// By how much the variance of means exceeds that of independent residuals: 1 + 2 Σ ρ.
double correlation_factor(const std::vector<double>& residuals) {
  const std::size_t n = residuals.size();
  double square = 0;
  for (const double r : residuals) square += r * r;
  if (square == 0) return 1;
  double factor = 1;
  for (std::size_t lag = 1; lag < n / 4; ++lag) {
    double product = 0;
    for (std::size_t k = lag; k < n; ++k) product += residuals[k] * residuals[k - lag];
    if (product <= 0) break;
    factor += 2 * product / square;
  }
  return factor;
}

/// What is known of the other resonances of a spectrum where one is fitted: their distance, in the first
/// pass, within which it is alone, and in the second they themselves, with this one's light as the first
/// found it.
struct Surroundings {
  double alone_nm;
  std::vector<Resonance> others;
  std::optional<Measured> drop;
};

/// From where a fit starts, in how many rounds, each with the windows of the width that the one before found,
/// and whether it is then asked for two resonances in place of one.
struct Attempt {
  double center_nm, fwhm_nm;
  int rounds;
  bool split;
};

std::optional<Resonance> fit_resonance(const Spectrum& s, const Attempt& attempt, double fsr_nm,
                                       const Surroundings& around) {
  double center = attempt.center_nm, fwhm = attempt.fwhm_nm;
  const double step = (s.wavelength_nm.back() - s.wavelength_nm.front()) / double(s.wavelength_nm.size() - 1);
  fwhm = std::max(fwhm, 2 * step);
  Resonance out;
  for (int round = 1; round <= attempt.rounds; ++round) {
    std::vector<Window> windows;
    for (const PortTrace& trace : s.ports) {
      double reach = (trace.port == BusPort::drop ? drop_window_fwhm : window_fwhm) * fwhm;
      if (fsr_nm > 0) reach = std::min(reach, 0.45 * fsr_nm);
      windows.push_back(window_of(s, trace, center, std::min(reach, around.alone_nm)));
      add_others(windows.back(), around.others, around.drop, fsr_nm);
      constexpr std::size_t fewest = 12;
      if (windows.back().power.size() < fewest) return std::nullopt;
    }
    const bool curved = around.others.empty();
    const Problem problem(windows, s.decibel, center, fwhm, fsr_nm, false, curved);
    const model::LeastSquaresFit fit = problem.solve(problem.start());
    const Vector<double>& p = fit.parameters;
    const double found = center + fwhm * p[0], width = fwhm * std::exp(p[1]);
    const double reach = window_fwhm * fwhm;
    if (!fit.converged || !fit.identified || std::abs(found - center) > reach || !(width < 4 * reach) ||
        found < s.wavelength_nm.front() || found > s.wavelength_nm.back())
      return std::nullopt;
    if (round < attempt.rounds) {
      center = found, fwhm = std::max(width, 2 * step);
      continue;
    }
    std::vector<double> all;
    for (std::size_t k = 0; k < windows.size(); ++k) {
      double square = 0;
      for (std::size_t n = 0; n < windows[k].power.size(); ++n) {
        all.push_back(windows[k].weight[n] * (problem.value(p, k, n, nullptr) - windows[k].power[n]));
        square += all.back() * all.back();
      }
      if (windows[k].port == BusPort::drop)
        out.drop_rms = std::sqrt(square / double(windows[k].power.size()));
    }
    const auto free = double(problem.residuals() - problem.parameters());
    const double variance = fit.sum_of_squares / free * correlation_factor(all);
    const auto sigma = [&](Index k) { return std::sqrt(variance * fit.unit_covariance(k, k)); };
    out.decibel = s.decibel;
    out.rms = std::sqrt(fit.sum_of_squares / double(problem.residuals()));
    if (!s.decibel) {
      double level = 0;
      for (std::size_t k = 0; k < windows.size(); ++k)
        level = std::max(level, std::abs(p[Problem::shared + problem.own() * Index(k)]));
      out.rms /= level;
    }
    out.wavelength_nm = {found, fwhm * sigma(0)};
    out.fwhm_nm = {width, width * sigma(1)};
    const Index own = problem.own();
    std::optional<Measured> bus_level, drop_level;
    for (std::size_t k = 0; k < windows.size(); ++k) {
      const Index at = Problem::shared + own * Index(k);
      if (windows[k].port == BusPort::through) {
        out.through = Measured{1 - p[at + own - 1], sigma(at + own - 1)};
        bus_level = Measured{p[at], sigma(at)};
      } else if (windows[k].port == BusPort::drop) {
        drop_level = Measured{p[at], sigma(at)};
      } else {
        out.difference = Measured{p[at + own - 1], sigma(at + own - 1)};
      }
    }
    // what is no more than noise, or narrower than a step, is no resonance
    constexpr double seen = 5;
    if ((out.through && !(1 - out.through->value > seen * out.through->sigma)) ||
        (out.difference && !(out.difference->value > seen * out.difference->sigma)) || !(width > step))
      return std::nullopt;
    if (bus_level && drop_level) {
      const double error = std::hypot(bus_level->sigma, drop_level->sigma);
      if (s.decibel) {
        const double ratio = std::pow(10, (drop_level->value - bus_level->value) / 10);
        out.drop = Measured{ratio, ratio * error / decibel};
      } else {
        out.drop = Measured{drop_level->value / bus_level->value, error / std::abs(bus_level->value)};
      }
    }
    if (!attempt.split) continue;
    const Problem doubled(windows, s.decibel, center, fwhm, fsr_nm, true, curved);
    Vector<double> from = Vector<double>::Zero(doubled.parameters());
    from.head(problem.parameters()) = p;
    from[doubled.parameters() - 1] = 0.4;
    const model::LeastSquaresFit other = doubled.solve(from);
    constexpr double much_better = 0.5, apart = 0.3;
    out.split = other.converged && other.sum_of_squares < much_better * fit.sum_of_squares &&
                std::abs(other.parameters[doubled.parameters() - 1]) > apart;
  }
  return out;
}

/// A resonance that cannot be fitted alone: with the width, depth and light that the others have on average.
std::optional<Resonance> as_others(const std::vector<std::optional<Resonance>>& others, double center_nm) {
  Resonance out;
  double count = 0, fwhm = 0, through = 0, drop = 0, difference = 0;
  for (const std::optional<Resonance>& other : others) {
    if (!other) continue;
    ++count;
    fwhm += other->fwhm_nm.value;
    if (other->through) through += other->through->value;
    if (other->drop) drop += other->drop->value;
    if (other->difference) difference += other->difference->value;
    out = *other;
  }
  if (count == 0) return std::nullopt;
  if (out.through) out.through->value = through / count;
  if (out.drop) out.drop->value = drop / count;
  if (out.difference) out.difference->value = difference / count;
  out.wavelength_nm.value = center_nm, out.fwhm_nm.value = fwhm / count;
  return out;
}

}  // namespace

std::vector<Resonance> find_resonances(const Spectrum& spectrum, double fsr_nm, double at_nm) {
  const std::vector<Candidate> all = candidates(spectrum);
  const auto place = [&](std::size_t k) { return spectrum.wavelength_nm[all[k].at]; };
  const auto range = [&](std::size_t k) {
    const double ratio = fsr_nm > 0 ? place(k) / at_nm : 0;
    return fsr_nm * ratio * ratio;
  };
  std::vector<std::optional<Resonance>> fitted;
  std::vector<bool> crowded;
  constexpr double whole = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < all.size(); ++k) {
    double nearest = whole;
    if (k > 0) nearest = place(k) - place(k - 1);
    if (k + 1 < all.size()) nearest = std::min(nearest, place(k + 1) - place(k));
    crowded.push_back(nearest < 2 * window_fwhm * all[k].fwhm_nm);
    fitted.push_back(fit_resonance(spectrum, {place(k), all[k].fwhm_nm, 2, !crowded[k]}, range(k),
                                   {crowded[k] ? nearest / 2 : whole, {}, std::nullopt}));
  }
  const std::vector<std::optional<Resonance>> alone = fitted;
  const int rounds = fsr_nm > 0 ? 3 : 0;  // places alone are asked for before the range is known
  for (std::size_t k = 0; k < all.size() && rounds > 0; ++k)
    if (!fitted[k] && crowded[k]) fitted[k] = as_others(alone, place(k));
  // each among the others as they were found before, which changes these in turn
  for (int round = 1; round <= rounds; ++round) {
    const std::vector<std::optional<Resonance>> before = fitted;
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (!before[k] || !crowded[k]) continue;
      Surroundings around{whole, {}, before[k]->drop};
      // those of another order are in the formula already
      const double reach = std::min(2 * window_fwhm * before[k]->fwhm_nm.value, range(k) / 2);
      for (std::size_t other = 0; other < all.size(); ++other)
        if (other != k && before[other] && std::abs(place(other) - place(k)) < reach)
          around.others.push_back(*before[other]);
      const Attempt attempt{before[k]->wavelength_nm.value, before[k]->fwhm_nm.value, 1, round == rounds};
      if (const auto again = fit_resonance(spectrum, attempt, range(k), around))
        fitted[k] = again;
      else if (round == rounds)
        fitted[k] = alone[k];
    }
  }
  std::vector<Resonance> found;
  for (const std::optional<Resonance>& one : fitted)
    if (one) found.push_back(*one);
  return found;
}

}  // namespace pnn::platforms::mrr::lab
