#include "pnn/platforms/mrr/lab/spectrum_fit.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "pnn/core/errors.hpp"
#include "pnn/core/natural_order.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/mrr/lab/heater_fit.hpp"
#include "pnn/platforms/mrr/lab/ring_constants.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

using model::Spectrum;

/// A straight line through points with equal or known errors.
struct Line {
  Measured at_zero, slope;
};

/// Weighted least squares; errors are scaled up to the scatter where that is larger than the weights say.
std::optional<Line> line_through(const std::vector<double>& x, const std::vector<double>& y,
                                 const std::vector<double>& sigma) {
  double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double weight = 1 / (sigma[k] * sigma[k]);
    w += weight, wx += weight * x[k], wy += weight * y[k];
    wxx += weight * x[k] * x[k], wxy += weight * x[k] * y[k];
  }
  const double spread = w * wxx - wx * wx;
  if (x.size() < 2 || !(spread > 1e-12 * w * wxx)) return std::nullopt;
  Line line;
  line.slope.value = (w * wxy - wx * wy) / spread;
  line.at_zero.value = (wy - line.slope.value * wx) / w;
  double chi = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double off = (y[k] - line.at_zero.value - line.slope.value * x[k]) / sigma[k];
    chi += off * off;
  }
  const double scale = x.size() > 2 ? std::max(1.0, chi / double(x.size() - 2)) : 1.0;
  line.slope.sigma = std::sqrt(scale * w / spread);
  line.at_zero.sigma = std::sqrt(scale * wxx / spread);
  return line;
}

/// How many rings make these resonances: the smallest number N for which those N apart have one free spectral
/// range in frequency. Returns 0 where there are too few to tell.
std::size_t rings_of(const std::vector<Resonance>& all, const Process& process) {
  const auto distance = [&](std::size_t k, std::size_t n) {  // per THz or so: 1/λ is proportional to it
    return 1 / all[k].wavelength_nm.value - 1 / all[k + n].wavelength_nm.value;
  };
  for (std::size_t n = 1; n < all.size() && n <= 64; ++n) {
    const std::size_t pairs = all.size() - n;
    if (pairs < 2 && n > 1) break;
    double mean = 0, most = 0;
    for (std::size_t k = 0; k < pairs; ++k) mean += distance(k, n) / double(pairs);
    for (std::size_t k = 0; k < pairs; ++k) most = std::max(most, std::abs(distance(k, n) / mean - 1));
    const double fsr = mean * all[0].wavelength_nm.value * all[0].wavelength_nm.value;
    constexpr double regular = 0.02;
    if (most < regular && (pairs > 1 || std::abs(fsr / process.fsr_nm - 1) < 0.5)) return n;
  }
  return 0;
}

/// The resonance of a ring nearest to the middle of a sweep, and its free spectral range there.
struct Comb {
  std::vector<Resonance> resonances;
  std::size_t middle = 0;
  std::optional<Measured> fsr_nm;
};

/// FSR from a parabola of the order over frequency, or the only distance.
void find_fsr(Comb& comb) {
  const std::size_t n = comb.resonances.size();
  if (n < 2) return;
  const double center = comb.resonances[comb.middle].wavelength_nm.value;
  // order m = m0 + s1 (x − x0) + s2 (x − x0)², x = 1/λ: then the FSR is λ²/|s1| at x0
  const Index terms = n >= 4 ? 3 : 2;
  Matrix<double> normal = Matrix<double>::Zero(terms, terms);
  Vector<double> right = Vector<double>::Zero(terms);
  std::vector<Vector<double>> rows;
  for (std::size_t k = 0; k < n; ++k) {
    const double x =
        (1 / comb.resonances[k].wavelength_nm.value - 1 / center) * center * center;  // ≈ −Δλ, nm
    Vector<double> row(terms);
    for (Index t = 0; t < terms; ++t) row[t] = std::pow(x, double(t));
    normal += row * row.transpose();
    right += row * -double(k);
    rows.push_back(row);
  }
  const Matrix<double> inverse = normal.inverse();
  const Vector<double> found = inverse * right;
  double square = 0;
  for (std::size_t k = 0; k < n; ++k) {
    double off = double(k);
    for (Index term = 0; term < terms; ++term) off += rows[k][term] * found[term];
    square += off * off;
  }
  const double fsr = 1 / std::abs(found[1]);
  double sigma = comb.resonances[comb.middle].wavelength_nm.sigma * std::sqrt(2.0) / double(n - 1);
  if (Index(n) > terms)
    sigma = std::max(sigma, std::sqrt(square / double(Index(n) - terms) * inverse(1, 1)) * fsr * fsr);
  comb.fsr_nm = Measured{fsr, sigma};
}

/// The combs of a sweep. Without a regular distance each resonance is a ring of its own.
std::vector<Comb> combs_of(const std::vector<Resonance>& all, const Process& process, double middle_nm) {
  std::size_t rings = rings_of(all, process);
  if (rings == 0) rings = all.size();
  std::vector<Comb> combs(rings);
  for (std::size_t k = 0; k < all.size(); ++k) combs[k % rings].resonances.push_back(all[k]);
  for (Comb& comb : combs) {
    for (std::size_t k = 1; k < comb.resonances.size(); ++k)
      if (std::abs(comb.resonances[k].wavelength_nm.value - middle_nm) <
          std::abs(comb.resonances[comb.middle].wavelength_nm.value - middle_nm))
        comb.middle = k;
    find_fsr(comb);
  }
  std::sort(combs.begin(), combs.end(), [](const Comb& l, const Comb& r) {
    return l.resonances[l.middle].wavelength_nm.value < r.resonances[r.middle].wavelength_nm.value;
  });
  return combs;
}

constexpr double noise_db = 1;  ///< a drop port that is off the fit by more shows its detector's floor

/// The resonances of a sweep that are no noise, fitted with the free spectral range that they have.
std::vector<Resonance> resonances_of(const Spectrum& s, const Process& process, std::size_t& noisy) {
  const double middle = (s.wavelength_nm.front() + s.wavelength_nm.back()) / 2;
  const auto usable = [&](std::vector<Resonance> all) {
    const std::size_t before = all.size();
    std::erase_if(all, [](const Resonance& r) { return r.drop_rms > noise_db; });
    noisy = before - all.size();
    return all;
  };
  const std::vector<Resonance> first = usable(find_resonances(s, 0, middle));
  if (first.empty()) return first;
  double fsr = process.fsr_nm, at = middle;
  for (const Comb& comb : combs_of(first, process, middle))
    if (comb.fsr_nm) fsr = comb.fsr_nm->value, at = comb.resonances[comb.middle].wavelength_nm.value;
  std::vector<Resonance> second = usable(find_resonances(s, fsr, at));
  return 2 * second.size() > first.size() ? second : first;  // of a range that is wrong few are left
}

double power_of(const Spectrum& s) {
  if (std::isfinite(s.power_mw)) return s.power_mw;
  if (std::isfinite(s.current_ma) && std::isfinite(s.voltage_v)) return s.current_ma * s.voltage_v;
  return Spectrum::unknown;
}

/// The currents and voltages of sweeps that have both.
model::HeaterCurve curve_of(const std::vector<const Spectrum*>& sweeps) {
  model::HeaterCurve curve;
  for (const Spectrum* s : sweeps) {
    if (!(std::isfinite(s->current_ma) && std::isfinite(s->voltage_v))) continue;
    curve.current_ma.push_back(s->current_ma);
    curve.voltage_v.push_back(s->voltage_v);
    curve.temperature_c.push_back(Spectrum::unknown);
  }
  return curve;
}

/// Resistance and its growth with the current and with the temperature.
void take_resistance(const HeaterFit& fit, SpectralRing& ring) {
  ring.resistance_assumed = false;
  ring.resistance_ohm = fit.ohm.value, ring.resistance_sigma = fit.ohm.sigma;
  ring.resistance_per_k = fit.ohm_per_k;
  ring.beta_assumed = !fit.beta_per_ma2;
  ring.beta_per_ma2 = fit.beta_per_ma2 ? fit.beta_per_ma2->value : 0;
  ring.beta_sigma = fit.beta_per_ma2 ? fit.beta_per_ma2->sigma : 0;
  constexpr double clear = 0.02;
  if (fit.miss > clear)
    ring.remarks.push_back("in doubt: its voltages are " + format_short(100 * fit.miss, 2) +
                           " % of the largest off R I (1 + beta I^2)");
}

/// Heater power of a sweep, with the ring's resistance where only a current or a voltage is known.
double power_with(const Spectrum& s, const SpectralRing& ring) {
  const double known = power_of(s);
  if (std::isfinite(known)) return known;
  const double i = s.current_ma, v = s.voltage_v;
  if (std::isfinite(i)) return heater_power_mw(i, ring.resistance_ohm, ring.beta_per_ma2);
  if (!std::isfinite(v)) return Spectrum::unknown;
  if (ring.resistance_assumed) return 1e3 * v * v / ring.resistance_ohm;
  return std::abs(v) * current_at_ma(v, ring.resistance_ohm, ring.beta_per_ma2);
}

double current_with(const Spectrum& s, const SpectralRing& ring) {
  if (std::isfinite(s.current_ma)) return std::abs(s.current_ma);
  if (std::isfinite(s.voltage_v) && !ring.resistance_assumed)
    return current_at_ma(s.voltage_v, ring.resistance_ohm, ring.beta_per_ma2);
  const double power = power_with(s, ring);
  return std::isfinite(power) ? std::sqrt(1e3 * std::max(0.0, power) / ring.resistance_ohm)
                              : Spectrum::unknown;
}

/// All sweeps of one bus.
class Bus {
 public:
  Bus(std::string name, std::vector<const Spectrum*> sweeps,
      const std::vector<model::HeaterCurve>& heater_curves, std::vector<bool>& used, const Process& process,
      SpectralChip& chip)
      : name_(std::move(name)),
        sweeps_(std::move(sweeps)),
        heater_curves_(heater_curves),
        used_(used),
        process_(process),
        chip_(chip) {
    std::sort(sweeps_.begin(), sweeps_.end(), before);
  }

  void work(const std::string& where) {
    found_.resize(sweeps_.size());
    std::vector<std::size_t> noisy_of(sweeps_.size());
    parallel_for(sweeps_.size(),
                 [&](std::size_t k) { found_[k] = resonances_of(*sweeps_[k], process_, noisy_of[k]); });
    for (std::size_t k = 0; k < sweeps_.size(); ++k) {
      const std::size_t noisy = noisy_of[k];
      if (found_[k].empty())
        throw InputError(where + ": bus " + name_ + ": no resonance in its sweep" +
                         (noisy > 0 ? " that stands out of the detector's floor" : "") +
                         "; name its ports with --channels, or check the range of wavelengths");
      if (noisy > 0)
        chip_.notes.push_back(
            "bus " + name_ + ": " + std::to_string(noisy) +
            " resonances are no more than the detector's floor at the drop port (residual above " +
            format_short(noise_db, 2) + " dB rms) and were left out");
    }
    coldest_ = 0;
    for (std::size_t k = 1; k < sweeps_.size(); ++k)
      if (rank(*sweeps_[k]) < rank(*sweeps_[coldest_])) coldest_ = k;
    const auto& wavelengths = sweeps_[coldest_]->wavelength_nm;
    const std::vector<Comb> combs =
        combs_of(found_[coldest_], process_, (wavelengths.front() + wavelengths.back()) / 2);
    for (std::size_t k = 0; k < combs.size(); ++k) take(combs[k], k, combs.size());
    for (SpectralRing& ring : rings_) tune(ring);
    name_by_heaters();
    find_lasers();
    find_crosstalk();
    for (SpectralRing& ring : rings_) chip_.rings.push_back(std::move(ring));
  }

 private:
  /// What tells sweeps without heat from others: 0 where nothing is known of a heater.
  static double heat(const Spectrum& s) {
    return std::abs(std::isfinite(power_of(s))    ? power_of(s)
                    : std::isfinite(s.current_ma) ? s.current_ma * s.current_ma
                    : std::isfinite(s.voltage_v)  ? s.voltage_v * s.voltage_v
                                                  : 0);
  }
  /// Sweeps without heat come first, and by temperature.
  static double rank(const Spectrum& s) {
    return 1e6 * heat(s) + (std::isfinite(s.temperature_c) ? s.temperature_c : 0);
  }

  void take(const Comb& comb, std::size_t number, std::size_t count) {
    SpectralRing ring;
    ring.name = count > 1 ? name_ + " col " + std::to_string(number) : name_;
    ring.resonance = comb.resonances[comb.middle];
    ring.resonances = comb.resonances.size();
    ring.fsr_assumed = !comb.fsr_nm;
    if (comb.fsr_nm) {
      ring.fsr_nm = *comb.fsr_nm;
    } else {
      // the next resonance is beyond the sweep
      const auto& all = sweeps_[coldest_]->wavelength_nm;
      const double here = ring.resonance.wavelength_nm.value,
                   least = count > 1 ? 0.0 : std::max(here - all.front(), all.back() - here);
      ring.fsr_nm = {std::max(process_.fsr_nm, least), 0};
      ring.remarks.push_back(
          "one resonance alone: the free spectral range is taken as " + format_short(ring.fsr_nm.value, 4) +
          " nm, " +
          (least > process_.fsr_nm ? "the least that leaves no other in the sweep" : "that of the process"));
    }
    const auto split = std::size_t(std::count_if(comb.resonances.begin(), comb.resonances.end(),
                                                 [](const Resonance& r) { return r.split; }));
    if (split > 0)
      ring.remarks.push_back(std::to_string(split) + " of " + std::to_string(ring.resonances) +
                             " resonances are split in two: light turns around in the ring");
    ring.resistance_ohm = process_.resistance_ohm;
    ring.beta_per_ma2 = process_.beta_per_ma2;
    ring.eta_nm_per_mw = {process_.eta_nm_per_mw, 0};
    ring.kappa_nm_per_k = {process_.kappa_nm_per_k, 0};
    rings_.push_back(std::move(ring));
  }

  /// The resonance of a sweep nearest to a wavelength, moved by whole orders to lie nearest to it: that of
  /// the fewest orders, among those that agree to a fiftieth of the free spectral range, and are as wide.
  /// Nothing if none is within `reach`. Orders are equally far apart in frequency.
  [[nodiscard]] static std::optional<Measured> nearest(const std::vector<Resonance>& all,
                                                       double wavelength_nm, const SpectralRing& ring,
                                                       double reach) {
    const double fsr = ring.fsr_nm.value, at = ring.resonance.wavelength_nm.value, step = fsr / (at * at);
    std::optional<Measured> best;
    double best_turns = 0;
    constexpr double alike = 1.5;  // what is wider or narrower is another, or two in one
    for (const Resonance& r : all) {
      const double width = r.fwhm_nm.value / ring.resonance.fwhm_nm.value;
      if (width > alike || width < 1 / alike) continue;
      const double turns = std::round((1 / r.wavelength_nm.value - 1 / wavelength_nm) / step);
      const Measured here{1 / (1 / r.wavelength_nm.value - turns * step), r.wavelength_nm.sigma + 1e-6};
      const double gained =
          best ? std::abs(best->value - wavelength_nm) - std::abs(here.value - wavelength_nm) : 0;
      const bool same = best && std::abs(here.value - best->value) < fsr / 50;
      if (!best || (same ? std::abs(turns) < best_turns : gained > 0))
        best = here, best_turns = std::abs(turns);
    }
    if (best && std::abs(best->value - wavelength_nm) > reach) best.reset();
    return best;
  }

  /// Whether a resonance that a ring was expected at is nearer to where another ring of the bus is cold: the
  /// own one is then hidden by it.
  [[nodiscard]] bool is_of_another(double found_nm, double expected_nm, const SpectralRing& ring) const {
    return std::any_of(rings_.begin(), rings_.end(), [&](const SpectralRing& other) {
      if (&other == &ring || other.name == ring.name) return false;
      const double at = other.resonance.wavelength_nm.value, step = other.fsr_nm.value / (at * at);
      const double turns = std::round((1 / at - 1 / found_nm) / step);
      return std::abs(found_nm - 1 / (1 / at - turns * step)) < std::abs(found_nm - expected_nm);
    });
  }

  /// Follows a ring over the powers of one heater, from cold to hot. With one ring on the bus each step may
  /// be up to a free spectral range, with several half of the distance of neighbours.
  struct Followed {
    std::vector<double> power, current, place, sigma;
  };
  [[nodiscard]] Followed follow(const SpectralRing& ring, const std::string& heater) const {
    std::vector<std::pair<double, std::size_t>> order;
    const double cold_t = sweeps_[coldest_]->temperature_c;
    for (std::size_t k = 0; k < sweeps_.size(); ++k) {
      const double power =
          k == coldest_ && !std::isfinite(power_with(*sweeps_[k], ring)) ? 0 : power_with(*sweeps_[k], ring);
      const double t = sweeps_[k]->temperature_c;
      const bool same_t = !(std::isfinite(t) && std::isfinite(cold_t)) || std::abs(t - cold_t) < 0.5;
      if (!std::isfinite(power) || !same_t) continue;
      if (sweeps_[k]->heater == heater || k == coldest_ || power == 0) order.emplace_back(power, k);
    }
    std::sort(order.begin(), order.end());
    Followed out;
    double slope = 0;
    for (const auto& [power, k] : order) {
      const double last = out.place.empty() ? ring.resonance.wavelength_nm.value : out.place.back();
      const double ahead = out.power.empty() ? last : last + slope * (power - out.power.back());
      const double reach =
          rings_.size() > 1 ? ring.fsr_nm.value / 2 / double(rings_.size()) : ring.fsr_nm.value / 2;
      // the first step of a single ring goes to longer wavelengths, by less than a free spectral range
      const bool first = out.place.size() == 1 && rings_.size() == 1 && power > out.power.back();
      const auto found =
          nearest(found_[k], first ? last + reach * 0.9 : ahead, ring, first ? reach * 1.1 : reach);
      if (!found || is_of_another(found->value, first ? found->value : ahead, ring)) continue;
      out.current.push_back(current_with(*sweeps_[k], ring));
      out.power.push_back(power), out.place.push_back(found->value), out.sigma.push_back(found->sigma);
      if (out.power.size() > 1 && out.power.back() > out.power.front())
        slope = (out.place.back() - out.place.front()) / (out.power.back() - out.power.front());
    }
    return out;
  }

  [[nodiscard]] std::vector<std::string> heaters() const {
    std::vector<std::string> names;
    for (const Spectrum* s : sweeps_)
      if (std::find(names.begin(), names.end(), s->heater) == names.end()) names.push_back(s->heater);
    std::sort(names.begin(), names.end(), natural_less);
    return names;
  }

  /// The current–voltage curves of a heater, as their names say, put together.
  [[nodiscard]] model::HeaterCurve curve_of_heater(const std::string& heater) {
    const std::vector<std::string> all = heaters();
    const bool only =
        std::count_if(all.begin(), all.end(), [](const auto& one) { return !one.empty(); }) <= 1;
    model::HeaterCurve curve;
    for (std::size_t k = 0; k < heater_curves_.size(); ++k) {
      const model::HeaterCurve& one = heater_curves_[k];
      const bool own_bus = one.bus == name_;
      const bool named = !heater.empty() && (one.heater == heater ? own_bus || one.bus.empty()
                                                                  : one.heater.empty() && one.bus == heater);
      if (!(named || (own_bus && only && (one.heater.empty() || heater.empty())))) continue;
      used_[k] = true;
      curve.current_ma.insert(curve.current_ma.end(), one.current_ma.begin(), one.current_ma.end());
      curve.voltage_v.insert(curve.voltage_v.end(), one.voltage_v.begin(), one.voltage_v.end());
      curve.temperature_c.insert(curve.temperature_c.end(), one.temperature_c.begin(),
                                 one.temperature_c.end());
    }
    return curve;
  }

  /// Of a curve of the heater, or of its sweeps.
  void find_resistance(const std::string& heater, SpectralRing& ring) {
    const double t = sweeps_[coldest_]->temperature_c;
    auto fit = fit_heater(curve_of_heater(heater), std::isfinite(t) ? t : process_.reference_temperature_c);
    if (!fit) {
      std::vector<const Spectrum*> of_heater;
      for (const Spectrum* s : sweeps_)
        if (s->heater == heater) of_heater.push_back(s);
      fit = fit_heater(curve_of(of_heater), process_.reference_temperature_c);
    }
    if (fit) take_resistance(*fit, ring);
  }

  /// With currents alone the shift is η R I² (1 + β I²): η with the R of the process, and β where the sweeps
  /// tell it more closely than the process does.
  void find_beta(const Followed& f, SpectralRing& ring) const {
    constexpr Index terms = 3;
    if (Index(f.place.size()) <= terms) return;
    Matrix<double> normal = Matrix<double>::Zero(terms, terms);
    Vector<double> right = Vector<double>::Zero(terms);
    for (std::size_t k = 0; k < f.place.size(); ++k) {
      const double square = f.current[k] * f.current[k], weight = 1 / (f.sigma[k] * f.sigma[k]);
      if (!std::isfinite(square)) return;
      const Vector<double> row{{1, square, square * square}};
      normal += weight * row * row.transpose();
      right += weight * (f.place[k] - f.place.front()) * row;
    }
    const Eigen::FullPivLU<Eigen::MatrixXd> solver(normal);
    if (!solver.isInvertible()) return;
    const Vector<double> found = solver.solve(right);
    const Matrix<double> covariance = solver.inverse();
    const double beta = found[2] / found[1];
    // of the quotient, to first order
    const double by_first = -beta / found[1], by_second = 1 / found[1];
    const double sigma =
        std::sqrt(by_first * by_first * covariance(1, 1) + 2 * by_first * by_second * covariance(1, 2) +
                  by_second * by_second * covariance(2, 2));
    if (!(found[1] > 0) || !(sigma < process_.beta_sigma * std::abs(process_.beta_per_ma2))) return;
    const double per_power = 1e3 / ring.resistance_ohm;
    ring.eta_nm_per_mw = {found[1] * per_power, std::sqrt(covariance(1, 1)) * per_power};
    ring.beta_per_ma2 = beta;
    ring.beta_sigma = sigma;
    ring.beta_assumed = false;
  }

  void tune(SpectralRing& ring) {
    const SpectralRing bare = ring;
    std::optional<Line> best;
    std::string own;
    Followed with_best;
    for (const std::string& heater : heaters()) {
      SpectralRing trial = bare;
      find_resistance(heater, trial);
      const Followed f = follow(trial, heater);
      const auto line = line_through(f.power, f.place, f.sigma);
      if (!line || (best && std::abs(line->slope.value) <= std::abs(best->slope.value))) continue;
      best = line, own = heater, with_best = f;
      ring = std::move(trial);
      constexpr double step_of_turn = 0.6;
      for (std::size_t k = 1; k < f.place.size(); ++k)
        if (f.place[k] - f.place[k - 1] > step_of_turn * ring.fsr_nm.value)
          ring.remarks.emplace_back(
              "its resonance moves by more than 0.6 of a free spectral range from one heater "
              "power to the next, so that it may have moved by one more: measure steps between");
    }
    if (!best && heaters().size() == 1) find_resistance(heaters().front(), ring);
    if (best && best->slope.value > 3 * best->slope.sigma && best->slope.value > 0) {
      ring.eta_nm_per_mw = best->slope, ring.eta_assumed = false;
      if (ring.resistance_assumed) find_beta(with_best, ring);
    } else if (best) {
      ring.remarks.push_back("does not respond to its heater: " + format_short(best->slope.value, 2) +
                             " nm/mW ± " + format_short(best->slope.sigma, 1));
    }
    own_heater_.push_back(best ? own : "");
    ring.least_ma = ring.most_ma = Spectrum::unknown;
    for (const Spectrum* s : sweeps_) {
      if (s->heater != own && s != sweeps_[coldest_]) continue;
      // a sweep of which no heater is known is cold where others say what theirs got
      const double current = s == sweeps_[coldest_] && heat(*s) == 0 && best ? 0 : current_with(*s, ring);
      if (!std::isfinite(current)) continue;
      ring.least_ma = std::isfinite(ring.least_ma) ? std::min(ring.least_ma, current) : current;
      ring.most_ma = std::isfinite(ring.most_ma) ? std::max(ring.most_ma, current) : current;
    }
    drift(ring);
  }

  /// Wavelengths tell the order of rings up to where the comb begins. Where each ring has a heater of its
  /// own, it begins with the first of these by name; and heaters whose names begin with that of the bus are
  /// named as their rings, in whatever order.
  void name_by_heaters() {
    const std::size_t count = rings_.size();
    if (count < 2) return;
    std::vector<std::pair<std::string, std::size_t>> order;
    bool named = true;
    for (std::size_t k = 0; k < count; ++k) {
      if (rings_[k].eta_assumed) return;
      named = named && own_heater_[k].starts_with(name_ + " ");
      order.emplace_back(own_heater_[k], k);
    }
    std::sort(order.begin(), order.end(),
              [](const auto& l, const auto& r) { return natural_less(l.first, r.first); });
    for (std::size_t k = 1; k < count; ++k) {
      if (order[k].first == order[k - 1].first) return;
      if (!named && order[k].second != (order[k - 1].second + 1) % count) return;
    }
    std::vector<SpectralRing> rings;
    for (std::size_t k = 0; k < count; ++k) {
      rings.push_back(std::move(rings_[order[k].second]));
      rings.back().name = named ? order[k].first : name_ + " col " + std::to_string(k);
      own_heater_[k] = order[k].first;
    }
    rings_ = std::move(rings);
  }

  /// How far each ring's laser stands beyond its resonance, of the order nearest to it, at the reference
  /// temperature of the process.
  void find_lasers() {
    const std::vector<double>& lasers = sweeps_[coldest_]->laser_nm;
    if (lasers.empty()) return;
    if (lasers.size() != rings_.size()) {
      chip_.notes.push_back("bus " + name_ + ": " + std::to_string(lasers.size()) + " lasers, and " +
                            std::to_string(rings_.size()) + " rings in its sweeps: lasers were left out");
      return;
    }
    for (std::size_t k = 0; k < rings_.size(); ++k) {
      SpectralRing& ring = rings_[k];
      const double at = ring.resonance.wavelength_nm.value, step = ring.fsr_nm.value / (at * at),
                   turns = std::round((1 / at - 1 / lasers[k]) / step);
      ring.delta_nm = {lasers[k] - 1 / (1 / at - turns * step),
                       std::hypot(ring.resonance.wavelength_nm.sigma, turns * ring.fsr_nm.sigma)};
      // the process has it at its reference temperature
      if (const double t = sweeps_[coldest_]->temperature_c; std::isfinite(t)) {
        ring.delta_nm.value += ring.kappa_nm_per_k.value * (t - process_.reference_temperature_c);
        ring.delta_nm.sigma = std::hypot(ring.delta_nm.sigma,
                                         ring.kappa_nm_per_k.sigma * (t - process_.reference_temperature_c));
      }
      ring.delta_assumed = false;
    }
  }

  void drift(SpectralRing& ring) {
    std::vector<double> t, place, sigma;
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t k = 0; k < sweeps_.size(); ++k) {
      if (std::isfinite(sweeps_[k]->temperature_c) && heat(*sweeps_[k]) <= heat(*sweeps_[coldest_]) + 1e-9)
        order.emplace_back(sweeps_[k]->temperature_c, k);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [degrees, k] : order) {
      const double ahead = place.empty() ? ring.resonance.wavelength_nm.value
                                         : place.back() + process_.kappa_nm_per_k * (degrees - t.back());
      const auto found = nearest(found_[k], ahead, ring, ring.fsr_nm.value / 2 / double(rings_.size()));
      if (!found) continue;
      t.push_back(degrees), place.push_back(found->value), sigma.push_back(found->sigma);
    }
    if (t.size() < 2 || t.back() - t.front() < 0.5) return;
    if (const auto line = line_through(t, place, sigma))
      ring.kappa_nm_per_k = line->slope, ring.kappa_assumed = false;
  }

  void find_crosstalk() {
    for (std::size_t aggressor = 0; aggressor < rings_.size(); ++aggressor) {
      if (rings_[aggressor].eta_assumed) continue;
      for (std::size_t victim = 0; victim < rings_.size(); ++victim) {
        if (victim == aggressor || own_heater_[victim] == own_heater_[aggressor]) continue;
        const Followed f = follow(rings_[victim], own_heater_[aggressor]);
        const auto line = line_through(f.power, f.place, f.sigma);
        if (!line) continue;
        const double eta = rings_[aggressor].eta_nm_per_mw.value;
        chip_.crosstalk.push_back({rings_[victim].name,
                                   rings_[aggressor].name,
                                   victim > aggressor ? victim - aggressor : aggressor - victim,
                                   {line->slope.value / eta, line->slope.sigma / eta}});
      }
    }
  }

  /// An order of sweeps that is that of their contents.
  static bool before(const Spectrum* l, const Spectrum* r) {
    const double one = rank(*l), other = rank(*r);
    if (one != other) return one < other;
    if (l->heater != r->heater) return natural_less(l->heater, r->heater);
    if (l->wavelength_nm != r->wavelength_nm) return l->wavelength_nm < r->wavelength_nm;
    return l->ports.front().power < r->ports.front().power;
  }

  std::string name_;
  std::vector<const Spectrum*> sweeps_;
  const std::vector<model::HeaterCurve>& heater_curves_;
  std::vector<bool>& used_;  ///< [heater curve]
  const Process& process_;
  SpectralChip& chip_;
  std::vector<std::vector<Resonance>> found_;
  std::vector<SpectralRing> rings_;
  std::vector<std::string> own_heater_;
  std::size_t coldest_ = 0;
};

/// Couplings and loss, with the errors that those of width, depth and drop cause.
struct Described {
  RingConstants ring;
  double r1_sigma = 0, r2_sigma = 0, a_sigma = 0;
};

RingConstants constants_of(const Resonance& r, double fwhm, double fsr, double through, double drop,
                           bool over, double design_a, bool all_pass) {
  const double g = round_trip(fwhm, fsr);
  if (all_pass) return all_pass_ring(g, through, over);
  // of a drop port or a balanced detector alone the loss is not known
  if (!r.through) return {std::sqrt(g / design_a), std::sqrt(g / design_a), design_a};
  if (r.through && r.drop)
    if (const auto ring = ring_of(g, through, drop, over)) return *ring;
  return symmetric_ring(g, through);
}

Described described(const SpectralRing& ring, double design_a, bool all_pass,
                    std::vector<std::string>& remarks) {
  const Resonance& r = ring.resonance;
  const double through = r.through ? std::clamp(r.through->value, 0.0, 1.0) : 0.0;
  const double drop = r.drop ? r.drop->value : 0;
  const double g = round_trip(r.fwhm_nm.value, ring.fsr_nm.value);
  bool over = false;
  if (all_pass || (r.through && r.drop)) {
    const auto of = [&](bool more) {
      return all_pass ? std::optional(all_pass_ring(g, through, more)) : ring_of(g, through, drop, more);
    };
    const auto less = of(false), more = of(true);
    over = !less && more;
    const bool differ =
        less && more && std::abs(less->r1 - more->r1) > 2e-3;  // more than is ever asked of a model
    if (differ)
      remarks.push_back("under-coupled (r1 " + format_short(less->r1, 4) + ", a " + format_short(less->a, 4) +
                        ") or over-coupled (r1 " + format_short(more->r1, 4) + ", a " +
                        format_short(more->a, 4) +
                        "): the depth does not tell which; taken as under-coupled");
    if (!less && !more)
      remarks.emplace_back(
          "more light at the drop port than a ring can drop, so that its couplers differ from those of the "
          "through port: equal couplings are taken, from the through port");
  }
  Described out;
  const auto with = [&](double fwhm, double t, double d) {
    return constants_of(r, fwhm, ring.fsr_nm.value, std::clamp(t, 0.0, 1.0), d, over, design_a, all_pass);
  };
  out.ring = with(r.fwhm_nm.value, through, drop);
  const auto add = [&](const RingConstants& moved) {
    out.r1_sigma = std::hypot(out.r1_sigma, moved.r1 - out.ring.r1);
    out.r2_sigma = std::hypot(out.r2_sigma, moved.r2 - out.ring.r2);
    out.a_sigma = std::hypot(out.a_sigma, moved.a - out.ring.a);
  };
  add(with(r.fwhm_nm.value + r.fwhm_nm.sigma, through, drop));
  if (r.through) add(with(r.fwhm_nm.value, through + r.through->sigma, drop));
  if (r.drop) add(with(r.fwhm_nm.value, through, drop + r.drop->sigma));
  return out;
}

}  // namespace

SpectralChip find_rings(const std::vector<Spectrum>& spectra, const Process& process,
                        const std::string& where, const std::vector<model::HeaterCurve>& heaters) {
  std::map<std::string, std::vector<const Spectrum*>> buses;
  for (const Spectrum& s : spectra) buses[s.bus].push_back(&s);
  std::vector<std::string> names;
  for (const auto& [name, sweeps] : buses) names.push_back(name);
  std::sort(names.begin(), names.end(), natural_less);
  SpectralChip chip;
  std::vector<bool> used(heaters.size());
  for (const std::string& name : names) Bus(name, buses.at(name), heaters, used, process, chip).work(where);
  std::vector<std::string> unused;
  for (std::size_t k = 0; k < heaters.size(); ++k)
    if (!used[k])
      unused.push_back(heaters[k].heater.empty() ? heaters[k].bus
                       : heaters[k].bus.empty()  ? heaters[k].heater
                                                 : heaters[k].bus + " " + heaters[k].heater);
  if (!unused.empty())
    throw InputError(where +
                     ": no sweep is of the heaters of these currents and voltages: " + join(unused, ", ") +
                     "; name the bus and the heater alike in both (--condition FILE=heater:NAME,bus:NAME)");
  return chip;
}

namespace {

/// Where the laser of a ring stands beyond its cold resonance: as the process has it, or nearer, at the same
/// share of the way that the heater of this ring was seen to go.
double laser_distance_nm(const SpectralRing& ring, const Process& process) {
  const double whole = process.eta_nm_per_mw *
                       heater_power_mw(process.current_max_ma, process.resistance_ohm, process.beta_per_ma2);
  if (!(ring.most_ma > ring.least_ma)) return process.delta_nm;
  const double own =
      ring.eta_nm_per_mw.value * heater_power_mw(ring.most_ma, ring.resistance_ohm, ring.beta_per_ma2);
  return std::min(process.delta_nm, process.delta_nm / whole * own);
}

}  // namespace

ChipModel spectral_model(const SpectralChip& chip, Process& process, double circumference_um, bool all_pass) {
  const auto mean_of = [&](const auto& assumed, const auto& value, double otherwise) {
    double sum = 0, count = 0;
    for (const SpectralRing& ring : chip.rings)
      if (!assumed(ring)) sum += value(ring), count += 1;
    return count > 0 ? sum / count : otherwise;
  };
  process.fsr_nm = mean_of([](const SpectralRing& r) { return r.fsr_assumed; },
                           [](const SpectralRing& r) { return r.fsr_nm.value; }, process.fsr_nm);
  process.kappa_nm_per_k =
      mean_of([](const SpectralRing& r) { return r.kappa_assumed; },
              [](const SpectralRing& r) { return r.kappa_nm_per_k.value; }, process.kappa_nm_per_k);
  ChipModel out;
  out.key = model::imported_chip;
  out.kind = "spectrum";
  out.parameters = {"delta_nm",
                    "r",
                    "a",
                    "gain",
                    "offset",
                    "eta_nm_per_mw",
                    "resistance_ohm",
                    "beta_per_ma2",
                    "resonance_nm",
                    "fsr_nm",
                    "group_length_um",
                    "fwhm_nm",
                    "quality",
                    "r1",
                    "r2",
                    "extinction_db",
                    "p_pi_mw",
                    "kappa_nm_per_k"};
  out.units = {"nm", "1",  "1",  "1", "1", "nm/mW", "ohm", "1/mA^2", "nm",
               "nm", "um", "nm", "1", "1", "1",     "dB",  "mW",     "nm/K"};
  const auto append = [&](const char* name, const char* unit) {
    out.parameters.emplace_back(name), out.units.emplace_back(unit);
    return out.parameters.size() - 1;
  };
  std::optional<std::size_t> group_index, ohm_per_k;
  if (circumference_um > 0) group_index = append("group_index", "1");
  const auto has_no_slope = [](const SpectralRing& r) { return !r.resistance_per_k; };
  const double mean_ohm_per_k = mean_of(
      has_no_slope, [](const SpectralRing& r) { return r.resistance_per_k->value; }, 0);
  if (!std::all_of(chip.rings.begin(), chip.rings.end(), has_no_slope)) {
    ohm_per_k = append("resistance_ohm_per_k", "ohm/K");
    if (std::any_of(chip.rings.begin(), chip.rings.end(), has_no_slope))
      out.assumed.emplace_back("resistance_ohm_per_k (ohm/K): of some rings the mean of the others");
  }
  const std::size_t rings = chip.rings.size(), count = out.parameters.size();
  out.values = Array<double>({1, rings, count}, 0.0);
  out.covariance = Array<double>({1, rings, count, count}, 0.0);
  out.rms_residual = Array<double>({1, rings}, 0.0);
  out.measured = Array<double>({1, rings, 2}, Spectrum::unknown);
  bool any_measured = false;
  const double sign = process.polarity() == Polarity::drop_thru ? 1 : -1;
  for (std::size_t k = 0; k < rings; ++k) {
    const SpectralRing& ring = chip.rings[k];
    const Resonance& r = ring.resonance;
    std::vector<std::string> remarks = ring.remarks;
    if (r.rms > (r.decibel ? 1 : 0.05))
      remarks.push_back("in doubt: its fit is off by " +
                        (r.decibel ? format_short(r.rms, 2) + " dB" : format_short(100 * r.rms, 2) + " %") +
                        " rms");
    const Described d = described(ring, process.a, all_pass, remarks);
    const double width = ring.fsr_nm.value / process.fsr_nm;  // the model has one range for all rings
    const double g = round_trip(r.fwhm_nm.value / width, process.fsr_nm);
    const double self = std::sqrt(d.ring.r1 * d.ring.r2), a = std::min(1.0, g / (self * self));
    // weight = −1 + (T_drop + 1 − T_through) of the ring that was measured, in the formula of equal couplings
    const double full = (1 - self * self) * (1 - self * self) * a / ((1 - g) * (1 - g));
    const double left = self * self * (1 - a) * (1 - a) / ((1 - g) * (1 - g));
    const double loss = r.through ? 1 - std::clamp(r.through->value, 0.0, 1.0) : 1 - left;
    const double drop =  // none of a ring with one coupler
        (1 - d.ring.r1 * d.ring.r1) * (1 - d.ring.r2 * d.ring.r2) * d.ring.a / ((1 - g) * (1 - g));
    const double swing = r.difference ? r.difference->value : loss + drop;
    const double gain = swing / (full + 1 - left);
    const auto put = [&](std::size_t at, double value, double sigma) {
      out.values.data[k * count + at] = value;
      out.covariance.data[(k * count + at) * count + at] = sigma * sigma;
    };
    const double l = r.wavelength_nm.value, group = 1e-3 * l * l / ring.fsr_nm.value;
    put(0, ring.delta_assumed ? laser_distance_nm(ring, process) : ring.delta_nm.value,
        ring.delta_assumed ? r.wavelength_nm.sigma : ring.delta_nm.sigma);
    put(1, self, std::hypot(d.r1_sigma, d.r2_sigma) / 2);
    put(2, a, d.a_sigma);
    put(3, sign * gain, r.difference ? r.difference->sigma / (full + 1 - left) : 0);
    put(4, sign * (gain - 1), 0);
    put(5, ring.eta_nm_per_mw.value, ring.eta_nm_per_mw.sigma);
    put(6, ring.resistance_ohm, ring.resistance_sigma);
    put(7, ring.beta_per_ma2, ring.beta_sigma);
    put(8, l, r.wavelength_nm.sigma);
    put(9, ring.fsr_nm.value, ring.fsr_nm.sigma);
    put(10, group, group * ring.fsr_nm.sigma / ring.fsr_nm.value);
    put(11, r.fwhm_nm.value, r.fwhm_nm.sigma);
    put(12, l / r.fwhm_nm.value, l / r.fwhm_nm.value * r.fwhm_nm.sigma / r.fwhm_nm.value);
    put(13, d.ring.r1, d.r1_sigma);
    put(14, d.ring.r2, d.r2_sigma);
    const double depth =
        r.through ? std::max({r.through->value, r.through->sigma, 1e-9}) : 1;  // at least its error
    put(15, r.through ? -10 * std::log10(depth) : 0,
        r.through ? 10 / std::log(10.0) * r.through->sigma / depth : 0);
    const double p_pi = ring.fsr_nm.value / 2 / ring.eta_nm_per_mw.value;
    put(16, p_pi,
        p_pi * std::hypot(ring.eta_nm_per_mw.sigma / ring.eta_nm_per_mw.value,
                          ring.fsr_nm.sigma / ring.fsr_nm.value));
    put(17, ring.kappa_nm_per_k.value, ring.kappa_nm_per_k.sigma);
    if (group_index)
      put(*group_index, group / circumference_um,
          group / circumference_um * ring.fsr_nm.sigma / ring.fsr_nm.value);
    if (ohm_per_k && ring.resistance_per_k)
      put(*ohm_per_k, ring.resistance_per_k->value, ring.resistance_per_k->sigma);
    else if (ohm_per_k)
      put(*ohm_per_k, mean_ohm_per_k, 0);
    out.rms_residual.data[k] = r.rms;
    if (ring.most_ma > ring.least_ma) {
      out.measured.data[2 * k] = ring.least_ma, out.measured.data[2 * k + 1] = ring.most_ma;
      any_measured = true;
    }
    out.elements.push_back(ring.name);
    out.remarks.push_back(join(remarks, "; "));
  }
  if (!any_measured) out.measured = {};
  if (std::any_of(chip.rings.begin(), chip.rings.end(),
                  [](const SpectralRing& r) { return !r.resonance.through; }))
    out.assumed.emplace_back("mrr.a (1), for no through port was measured");
  if (!all_pass && std::any_of(chip.rings.begin(), chip.rings.end(), [](const SpectralRing& r) {
        return !(r.resonance.through && r.resonance.drop);
      }))
    out.assumed.emplace_back("r1 and r2, taken as equal, for not both ports were measured");
  const auto assume = [&](bool (*is)(const SpectralRing&), const char* what) {
    if (std::any_of(chip.rings.begin(), chip.rings.end(), is)) out.assumed.emplace_back(what);
  };
  assume([](const SpectralRing& r) { return r.eta_assumed; }, "mrr.eta (nm/mW)");
  assume([](const SpectralRing& r) { return r.resistance_assumed; }, "mrr.resistance (ohm)");
  assume([](const SpectralRing& r) { return r.beta_assumed; }, "mrr.beta (1/mA^2)");
  assume([](const SpectralRing& r) { return r.kappa_assumed; }, "mrr.kappa (nm/K)");
  assume([](const SpectralRing& r) { return r.fsr_assumed; }, "mrr.fsr (nm)");
  assume([](const SpectralRing& r) { return r.delta_assumed; },
         "mrr.delta (nm): lasers that stand so far beyond the cold resonances");
  return out;
}

}  // namespace pnn::platforms::mrr::lab
