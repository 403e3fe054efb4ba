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
#include "pnn/platforms/mrr/lab/comb.hpp"
#include "pnn/platforms/mrr/lab/heater_fit.hpp"

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
  return std::abs(v) * current_at_ma(v, ring.resistance_ohm, ring.beta_per_ma2);
}

double current_with(const Spectrum& s, const SpectralRing& ring) {
  if (std::isfinite(s.current_ma)) return std::abs(s.current_ma);
  if (std::isfinite(s.voltage_v) && !std::isfinite(power_of(s)))
    return current_at_ma(s.voltage_v, ring.resistance_ohm, ring.beta_per_ma2);
  const double power = power_with(s, ring);
  return std::isfinite(power) ? current_at_power_ma(power, ring.resistance_ohm, ring.beta_per_ma2)
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
    std::vector<double> power, place, sigma;
    std::vector<double> current;  ///< as it was stated; NaN where it was not, with which powers tell no β
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
      out.current.push_back(power == 0 ? 0 : sweeps_[k]->current_ma);
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

}  // namespace pnn::platforms::mrr::lab
