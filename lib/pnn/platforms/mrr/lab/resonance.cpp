#include "pnn/platforms/mrr/lab/resonance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

#include "pnn/model/least_squares.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

using model::BusPort;
using model::PortTrace;
using model::Spectrum;
using std::numbers::pi;

constexpr double decibel = 10 / std::numbers::ln10;
constexpr double window_fwhm = 6, drop_window_fwhm = 3;  ///< of a fit, to either side

/// Traces fall on resonance, but for that of the drop port and its own difference.
double direction_of(BusPort port) {
  return port == BusPort::drop || port == BusPort::drop_through ? 1 : -1;
}

/// An extremum before it is fitted.
struct Candidate {
  std::size_t at;
  double height, fwhm_nm;
};

/// Width at half height, between the points to either side that are half as high: of a drop in dB 3 dB below
/// its top, of a dip in dB 3 dB below the bus.
double width_at(const Spectrum& s, BusPort port, const std::vector<double>& heights, std::size_t at) {
  const double half = !s.decibel              ? heights[at] / 2
                      : port == BusPort::drop ? heights[at] - 3
                                              : std::min(3.0, heights[at] / 2);
  std::size_t left = at, right = at;
  while (left > 0 && heights[left] > half) --left;
  while (right + 1 < heights.size() && heights[right] > half) ++right;
  return s.wavelength_nm[right] - s.wavelength_nm[left];
}

/// The port in which resonances are looked for: that of the drop stands against the least background.
const PortTrace& clearest(const Spectrum& s) {
  for (const BusPort port : {BusPort::drop, BusPort::drop_through, BusPort::through_drop, BusPort::through})
    if (const PortTrace* trace = s.find(port)) return *trace;
  return s.ports.front();
}

std::vector<Candidate> candidates(const Spectrum& s) {
  const PortTrace& trace = clearest(s);
  const std::vector<double> base = model::running_median(trace.power);
  const std::size_t n = base.size();
  std::vector<double> heights(n);
  for (std::size_t k = 0; k < n; ++k) heights[k] = direction_of(trace.port) * (trace.power[k] - base[k]);
  std::vector<double> smooth = heights;
  for (std::size_t k = 2; k + 2 < n; ++k)
    smooth[k] = (heights[k - 2] + heights[k - 1] + heights[k] + heights[k + 1] + heights[k + 2]) / 5;
  // on the ends a resonance is cut
  const double highest = *std::max_element(smooth.begin(), smooth.end());
  if (!(highest > 0)) return {};
  std::vector<double> sizes;
  for (const double height : smooth) sizes.push_back(std::abs(height));
  std::nth_element(sizes.begin(), sizes.begin() + std::ptrdiff_t(n / 2), sizes.end());
  const double least = std::max(highest / 2, 6 * sizes[n / 2]);
  std::vector<Candidate> found;
  for (std::size_t k = 1; k + 1 < n; ++k) {
    if (smooth[k] < least || smooth[k] < smooth[k - 1] || smooth[k] < smooth[k + 1]) continue;
    found.push_back({k, smooth[k], width_at(s, trace.port, smooth, k)});
  }
  std::sort(found.begin(), found.end(),
            [](const Candidate& l, const Candidate& r) { return l.height > r.height; });
  std::vector<Candidate> kept;
  for (const Candidate& one : found) {
    const auto close = [&](const Candidate& other) {
      return std::abs(s.wavelength_nm[one.at] - s.wavelength_nm[other.at]) < 2 * other.fwhm_nm;
    };
    if (std::none_of(kept.begin(), kept.end(), close)) kept.push_back(one);
  }
  std::sort(kept.begin(), kept.end(), [](const Candidate& l, const Candidate& r) { return l.at < r.at; });
  return kept;
}

/// The points of one trace in the window of a resonance.
struct Window {
  BusPort port;
  std::span<const double> wavelength_nm, power;
};

Window window_of(const Spectrum& s, const PortTrace& trace, double center_nm, double reach_nm) {
  const auto begin = std::lower_bound(s.wavelength_nm.begin(), s.wavelength_nm.end(), center_nm - reach_nm);
  const auto end = std::upper_bound(begin, s.wavelength_nm.end(), center_nm + reach_nm);
  const auto first = std::size_t(begin - s.wavelength_nm.begin()), count = std::size_t(end - begin);
  return {trace.port, std::span(s.wavelength_nm).subspan(first, count),
          std::span(trace.power).subspan(first, count)};
}

/// Least squares of one resonance in all traces. Parameters: the place of λ0 and ln FWHM, in units of a
/// start, and four of each trace: level, slope and curvature of its envelope, and 1 − T0, the floor of a drop
/// port, or A of a balanced detector. A split resonance has one more, half its distance in FWHM.
class Problem {
 public:
  Problem(std::vector<Window> windows, bool decibels, double center_nm, double fwhm_nm, double fsr_nm,
          bool split)
      : windows_(std::move(windows)),
        decibels_(decibels),
        center_nm_(center_nm),
        scale_nm_(fwhm_nm),
        fsr_nm_(fsr_nm),
        split_(split) {
    for (const Window& w : windows_) residuals_ += Index(w.power.size());
  }
  static constexpr Index shared = 2, own = 4;
  [[nodiscard]] Index parameters() const { return shared + own * Index(windows_.size()) + (split_ ? 1 : 0); }
  [[nodiscard]] Index residuals() const { return residuals_; }
  [[nodiscard]] const std::vector<Window>& windows() const { return windows_; }

  [[nodiscard]] Vector<double> start() const {
    Vector<double> p = Vector<double>::Zero(parameters());
    for (std::size_t k = 0; k < windows_.size(); ++k) {
      const Window& w = windows_[k];
      double* const q = &p[shared + own * Index(k)];
      std::vector<double> sorted(w.power.begin(), w.power.end());
      std::sort(sorted.begin(), sorted.end());
      const double low = sorted.front(), high = sorted.back(), upper = sorted[sorted.size() * 9 / 10];
      if (w.port == BusPort::drop) {
        q[0] = high;
        q[3] = 0;
      } else if (w.port == BusPort::through) {
        q[0] = upper;
        const double depth = decibels_ ? 1 - std::pow(10, (low - upper) / 10) : 1 - low / upper;
        q[3] = std::clamp(depth, 0.05, 0.999);
      } else {
        q[0] = std::max(std::abs(low), std::abs(high));
        q[3] = 1.9;
      }
    }
    if (split_) p[parameters() - 1] = 0.4;
    return p;
  }

  /// Value of trace k at a point, and its derivatives by all parameters (zero where they do not matter).
  double value(const Vector<double>& p, std::size_t k, double wavelength_nm, double* by) const {
    const double fwhm = scale_nm_ * std::exp(p[1]);
    const double x = wavelength_nm - center_nm_ - scale_nm_ * p[0];
    const Index at = shared + own * Index(k), last = parameters() - 1;
    const double offset = split_ ? p[last] * fwhm : 0;
    double peak = 0, by_x = 0, by_width = 0, by_split = 0;
    for (const double side : split_ ? std::array{1.0, -1.0} : std::array{0.0, 2.0}) {
      if (side == 2) break;
      double slope = 0, narrow = 0;
      const double part = shape(x - side * offset, fwhm, slope, narrow), share = split_ ? 0.5 : 1;
      peak += share * part;
      by_x += share * slope;
      by_width += share * (narrow - slope * side * offset);
      by_split += -share * slope * side * fwhm;
    }
    const double y = x / scale_nm_;  // of the envelope
    const double* const q = &p[at];
    double out = 0, by_peak = 0;
    double own_by[own] = {1, y, y * y, 0};
    const BusPort port = windows_[k].port;
    double envelope = q[0] + q[1] * y + q[2] * y * y;
    const double envelope_by_y = q[1] + 2 * q[2] * y;
    if (port == BusPort::through_drop || port == BusPort::drop_through || !decibels_) {
      // linear: the envelope is a factor
      const double sign = port == BusPort::drop_through ? -1 : 1;
      const double bare = port == BusPort::drop ? peak + q[3] : 1 - q[3] * peak;
      out = sign * envelope * bare;
      for (double& one : own_by) one *= sign * bare;
      by_peak = sign * envelope * (port == BusPort::drop ? 1 : -q[3]);
      own_by[3] = sign * envelope * (port == BusPort::drop ? 1 : -peak);
      if (by != nullptr) by[0] = -sign * bare * envelope_by_y;
    } else {
      const double bare = std::max(1e-12, port == BusPort::drop ? peak + q[3] : 1 - q[3] * peak);
      out = envelope + decibel * std::log(bare);
      by_peak = decibel / bare * (port == BusPort::drop ? 1 : -q[3]);
      own_by[3] = decibel / bare * (port == BusPort::drop ? 1 : -peak);
      if (by != nullptr) by[0] = -envelope_by_y;
    }
    if (by == nullptr) return out;
    by[0] += -scale_nm_ * by_peak * by_x;
    by[1] = by_peak * by_width;
    for (Index i = 0; i < own; ++i) by[at + i] = own_by[i];
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
        f[row] = value(p, k, windows_[k].wavelength_nm[n], nullptr) - windows_[k].power[n];
      });
    };
    problem.jacobian = [this, each](const Vector<double>& p, Matrix<double>& j) {
      j.setZero();
      std::vector<double> by(std::size_t(parameters()), 0.0);
      each([&](std::size_t k, std::size_t n, Index row) {
        std::fill(by.begin(), by.end(), 0.0);
        static_cast<void>(value(p, k, windows_[k].wavelength_nm[n], by.data()));
        for (Index i = 0; i < parameters(); ++i) j(row, i) = by[std::size_t(i)];
      });
    };
    return model::least_squares(problem, from, 1e-10);
  }

 private:
  /// L, its derivative by x, and that by ln FWHM.
  double shape(double x, double fwhm, double& by_x, double& by_width) const {
    double u = 0, u_by_x = 0, w = 0, w_by_width = 0;
    if (fsr_nm_ > 0) {
      const double turn = pi / fsr_nm_, half = turn * fwhm / 2;
      u = std::sin(turn * x) * std::sin(turn * x);
      u_by_x = turn * std::sin(2 * turn * x);
      w = std::sin(half) * std::sin(half);
      w_by_width = half * std::sin(2 * half);
    } else {
      u = x * x, u_by_x = 2 * x, w = fwhm * fwhm / 4, w_by_width = 2 * w;
    }
    const double peak = w / (w + u);
    by_x = -peak * peak / w * u_by_x;
    by_width = (peak - peak * peak) / w * w_by_width;
    return peak;
  }

  std::vector<Window> windows_;
  bool decibels_;
  double center_nm_, scale_nm_, fsr_nm_;
  bool split_;
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

std::optional<Resonance> fit_resonance(const Spectrum& s, const Candidate& candidate, double fsr_nm) {
  double center = s.wavelength_nm[candidate.at], fwhm = candidate.fwhm_nm;
  const double step = (s.wavelength_nm.back() - s.wavelength_nm.front()) / double(s.wavelength_nm.size() - 1);
  fwhm = std::max(fwhm, 2 * step);
  Resonance out;
  for (int round = 0; round < 2; ++round) {  // the second with the window of the width that was found
    std::vector<Window> windows;
    for (const PortTrace& trace : s.ports) {
      double reach = (trace.port == BusPort::drop ? drop_window_fwhm : window_fwhm) * fwhm;
      if (fsr_nm > 0) reach = std::min(reach, 0.45 * fsr_nm);
      windows.push_back(window_of(s, trace, center, reach));
      constexpr std::size_t fewest = 12;
      if (windows.back().power.size() < fewest) return std::nullopt;
    }
    const Problem problem(windows, s.decibel, center, fwhm, fsr_nm, false);
    const model::LeastSquaresFit fit = problem.solve(problem.start());
    const Vector<double>& p = fit.parameters;
    const double found = center + fwhm * p[0], width = fwhm * std::exp(p[1]);
    const double reach = window_fwhm * fwhm;
    if (!fit.converged || !fit.identified || std::abs(found - center) > reach || !(width < 4 * reach) ||
        found < s.wavelength_nm.front() || found > s.wavelength_nm.back())
      return std::nullopt;
    if (round == 0) {
      center = found, fwhm = std::max(width, 2 * step);
      continue;
    }
    std::vector<double> all;
    for (std::size_t k = 0; k < windows.size(); ++k) {
      double square = 0;
      for (std::size_t n = 0; n < windows[k].power.size(); ++n) {
        all.push_back(problem.value(p, k, windows[k].wavelength_nm[n], nullptr) - windows[k].power[n]);
        square += all.back() * all.back();
      }
      if (windows[k].port == BusPort::drop)
        out.drop_rms = std::sqrt(square / double(windows[k].power.size()));
    }
    const auto free = double(problem.residuals() - problem.parameters());
    const double variance = fit.sum_of_squares / free * correlation_factor(all);
    const auto sigma = [&](Index k) { return std::sqrt(variance * fit.unit_covariance(k, k)); };
    out.rms = std::sqrt(fit.sum_of_squares / double(problem.residuals()));
    out.wavelength_nm = {found, fwhm * sigma(0)};
    out.fwhm_nm = {width, width * sigma(1)};
    const Index own = Problem::own;
    std::optional<Measured> bus_level, drop_level;
    for (std::size_t k = 0; k < windows.size(); ++k) {
      const Index at = Problem::shared + own * Index(k);
      if (windows[k].port == BusPort::through) {
        out.through = Measured{1 - p[at + 3], sigma(at + 3)};
        bus_level = Measured{p[at], sigma(at)};
      } else if (windows[k].port == BusPort::drop) {
        drop_level = Measured{p[at], sigma(at)};
      } else {
        out.difference = Measured{p[at + 3], sigma(at + 3)};
      }
    }
    if (bus_level && drop_level) {
      const double error = std::hypot(bus_level->sigma, drop_level->sigma);
      if (s.decibel) {
        const double ratio = std::pow(10, (drop_level->value - bus_level->value) / 10);
        out.drop = Measured{ratio, ratio * error / decibel};
      } else {
        out.drop = Measured{drop_level->value / bus_level->value, error / std::abs(bus_level->value)};
      }
    }
    const Problem doubled(windows, s.decibel, center, fwhm, fsr_nm, true);
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

}  // namespace

std::vector<Resonance> find_resonances(const Spectrum& spectrum, double fsr_nm, double at_nm) {
  std::vector<Resonance> found;
  for (const Candidate& candidate : candidates(spectrum)) {
    const double ratio = fsr_nm > 0 ? spectrum.wavelength_nm[candidate.at] / at_nm : 0;
    if (const auto one = fit_resonance(spectrum, candidate, fsr_nm * ratio * ratio)) found.push_back(*one);
  }
  return found;
}

}  // namespace pnn::platforms::mrr::lab
