#include "pnn/platforms/mrr/lab/spectral_model.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pnn/core/text.hpp"
#include "pnn/platforms/mrr/lab/ring_constants.hpp"

namespace pnn::platforms::mrr::lab {
namespace {

using model::Spectrum;

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

/// A parameter of one ring.
struct Entry {
  const char *name, *unit;
  double value, sigma;
};

/// What all rings share.
struct Facts {
  double circumference_um, sign;
  bool all_pass;
  std::optional<double> mean_ohm_per_k;  ///< of the rings that have one
};

/// The parameters of a ring's model, the same ones for every ring.
std::vector<Entry> parameters_of(const SpectralRing& ring, const Process& process, const Facts& facts,
                                 std::vector<std::string>& remarks) {
  const Resonance& r = ring.resonance;
  if (r.rms > (r.decibel ? 1 : 0.05))
    remarks.push_back("in doubt: its fit is off by " +
                      (r.decibel ? format_short(r.rms, 2) + " dB" : format_short(100 * r.rms, 2) + " %") +
                      " rms");
  const Described d = described(ring, process.a, facts.all_pass, remarks);
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
  std::vector<Entry> all;
  const auto put = [&](const char* name, const char* unit, double value, double sigma) {
    all.push_back({name, unit, value, sigma});
  };
  const double l = r.wavelength_nm.value, group = 1e-3 * l * l / ring.fsr_nm.value;
  put("delta_nm", "nm", ring.delta_assumed ? laser_distance_nm(ring, process) : ring.delta_nm.value,
      ring.delta_assumed ? r.wavelength_nm.sigma : ring.delta_nm.sigma);
  put("r", "1", self, std::hypot(d.r1_sigma, d.r2_sigma) / 2);
  put("a", "1", a, d.a_sigma);
  put("gain", "1", facts.sign * gain, r.difference ? r.difference->sigma / (full + 1 - left) : 0);
  put("offset", "1", facts.sign * (gain - 1), 0);
  put("eta_nm_per_mw", "nm/mW", ring.eta_nm_per_mw.value, ring.eta_nm_per_mw.sigma);
  put("resistance_ohm", "ohm", ring.resistance_ohm, ring.resistance_sigma);
  put("beta_per_ma2", "1/mA^2", ring.beta_per_ma2, ring.beta_sigma);
  put("resonance_nm", "nm", l, r.wavelength_nm.sigma);
  put("fsr_nm", "nm", ring.fsr_nm.value, ring.fsr_nm.sigma);
  put("group_length_um", "um", group, group * ring.fsr_nm.sigma / ring.fsr_nm.value);
  put("fwhm_nm", "nm", r.fwhm_nm.value, r.fwhm_nm.sigma);
  put("quality", "1", l / r.fwhm_nm.value, l / r.fwhm_nm.value * r.fwhm_nm.sigma / r.fwhm_nm.value);
  put("r1", "1", d.ring.r1, d.r1_sigma);
  put("r2", "1", d.ring.r2, d.r2_sigma);
  const double depth =
      r.through ? std::max({r.through->value, r.through->sigma, 1e-9}) : 1;  // at least its error
  put("extinction_db", "dB", r.through ? -10 * std::log10(depth) : 0,
      r.through ? 10 / std::log(10.0) * r.through->sigma / depth : 0);
  const double p_pi = ring.fsr_nm.value / 2 / ring.eta_nm_per_mw.value;
  put("p_pi_mw", "mW", p_pi,
      p_pi * std::hypot(ring.eta_nm_per_mw.sigma / ring.eta_nm_per_mw.value,
                        ring.fsr_nm.sigma / ring.fsr_nm.value));
  put("kappa_nm_per_k", "nm/K", ring.kappa_nm_per_k.value, ring.kappa_nm_per_k.sigma);
  if (facts.circumference_um > 0) {
    const double index = group / facts.circumference_um;
    put("group_index", "1", index, index * ring.fsr_nm.sigma / ring.fsr_nm.value);
  }
  if (facts.mean_ohm_per_k) {
    const Measured slope = ring.resistance_per_k.value_or(Measured{*facts.mean_ohm_per_k, 0});
    put("resistance_ohm_per_k", "ohm/K", slope.value, slope.sigma);
  }
  return all;
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
  const auto has_no_slope = [](const SpectralRing& r) { return !r.resistance_per_k; };
  Facts facts{circumference_um, process.polarity() == Polarity::drop_thru ? 1.0 : -1.0, all_pass, {}};
  if (!std::all_of(chip.rings.begin(), chip.rings.end(), has_no_slope)) {
    facts.mean_ohm_per_k = mean_of(
        has_no_slope, [](const SpectralRing& r) { return r.resistance_per_k->value; }, 0);
    if (std::any_of(chip.rings.begin(), chip.rings.end(), has_no_slope))
      out.assumed.emplace_back("resistance_ohm_per_k (ohm/K): of some rings the mean of the others");
  }
  const std::size_t rings = chip.rings.size();
  out.rms_residual = Array<double>({1, rings}, 0.0);
  out.measured = Array<double>({1, rings, 2}, Spectrum::unknown);
  bool any_measured = false;
  for (std::size_t k = 0; k < rings; ++k) {
    const SpectralRing& ring = chip.rings[k];
    std::vector<std::string> remarks = ring.remarks;
    const std::vector<Entry> parameters = parameters_of(ring, process, facts, remarks);
    const std::size_t count = parameters.size();
    if (k == 0) {
      for (const Entry& one : parameters)
        out.parameters.emplace_back(one.name), out.units.emplace_back(one.unit);
      out.values = Array<double>({1, rings, count}, 0.0);
      out.covariance = Array<double>({1, rings, count, count}, 0.0);
    }
    for (std::size_t at = 0; at < count; ++at) {
      out.values.data[k * count + at] = parameters[at].value;
      out.covariance.data[(k * count + at) * count + at] = parameters[at].sigma * parameters[at].sigma;
    }
    out.rms_residual.data[k] = ring.resonance.rms;
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
