#include "pnn/platforms/mzi/lab/mesh_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/model/quality.hpp"
#include "pnn/model/samples.hpp"
#include "pnn/platforms/lab.hpp"
#include "pnn/platforms/mzi/lab/fringe_fit.hpp"
#include "pnn/platforms/mzi/paths.hpp"
#include "pnn/study/summary.hpp"

namespace pnn::platforms::mzi::lab {

namespace {

using std::numbers::pi;

int harmonic_of(const MeshFitInput& input, std::size_t element) {
  if (input.plan == nullptr) return 1;
  return input.plan->place_of(Index(element)).kind == MeshControl::attenuator ? 2 : 1;
}

Fringe design_of(const MeshFitInput& input) {
  return {input.process.theta0_rad, input.process.p_pi_mw, 1, 0.5};
}

struct Outcome {
  FringeFit fit;
  bool usable = false, dead = false, measured = false;
  Quality quality;
  std::string remark;
};

std::string remark_of(const MeshFitInput& input, const FringeFit& fit, const Quality& quality,
                      const Samples& samples, int harmonic) {
  std::vector<std::string> parts;
  if (!fit.converged) return "did not converge: design values taken";
  if (!fit.identified) parts.emplace_back("the curve does not determine every parameter: no standard errors");
  const double least = input.settings.bad_residual * std::abs(fit.fringe.offset);
  if (fit.rms > least && fit.rms > 1.5 * samples.sigma) {
    const std::string scatter = text_of_scatter(quality, fit.rms);
    parts.push_back("rms " + format_short(fit.rms, 2) + ": " +
                    (scatter.empty() ? "not the shape of a fringe" : scatter));
  } else if (stands_out(quality, fit.rms, range_of(samples))) {
    parts.push_back(text_of_excess(quality) + " (rms " + format_short(fit.rms, 2) +
                    "): the curve has more in it than a fringe");
  }
  if (fit.fall.shape != FallShape::none) {
    double current = 0;
    for (const double ma : samples.control) current = std::max(current, std::abs(ma));
    parts.push_back(text_of_fall(fit.fall, 1e-3 * input.process.resistance_ohm * current * current));
  }
  if (fit.fringe.visibility < 0.5)
    parts.push_back("visibility " + format_short(fit.fringe.visibility, 2) +
                    ": most of the light did not pass this shifter");
  const auto [low, high] = std::minmax_element(samples.control.begin(), samples.control.end(),
                                               [](double l, double r) { return std::abs(l) < std::abs(r); });
  const double periods = harmonic * 1e-3 * input.process.resistance_ohm * (*high * *high - *low * *low) /
                         (2 * fit.fringe.p_pi_mw);
  // R and P_π enter as their quotient alone: R is the process's
  const double power = fit.fringe.p_pi_mw, design = input.process.p_pi_mw;
  if (power > 1.5 * design || power < design / 1.5)
    parts.push_back("power for a phase of pi is " + format_short(power, 3) + " mW at " +
                    format_short(input.process.resistance_ohm, 3) + " ohm, where the process has " +
                    format_short(design, 3) + " mW: set mzi.resistance or mzi.p.pi");
  if (periods < 0.5)
    parts.push_back("covers only " + format_short(periods, 2) +
                    " of a turn: the rest of the fringe is a guess");
  return join(parts, "; ");
}

/// A shifter that does not respond: no fringe, but a constant level. Of θ or α with all its light that level
/// is the static phase, but for its sign: the one nearer to the design is taken.
void take_dead(const MeshFitInput& input, const Samples& samples, int harmonic, bool of_one_way,
               Outcome& out) {
  double level = 0;
  for (const double response : samples.response) level += response / double(samples.size());
  FringeFit& fit = out.fit;
  fit.fringe = design_of(input);
  fit.fringe.visibility = 0;
  fit.fringe.offset = level;
  fit.covariance = Matrix<double>::Zero(fringe_parameters, fringe_parameters);
  const double phase = std::acos(std::clamp(2 * level - 1, -1.0, 1.0)) / harmonic;
  if (of_one_way && level > 0 && level < 1) {
    const double design = std::remainder(input.process.theta0_rad, 2 * pi / harmonic);
    // a control that rests at 0 adds nothing to the whole phase, the design's included
    fit.fringe.theta0_rad =
        input.process.theta0_rad + (std::abs(phase - design) <= std::abs(-phase - design) ? phase : -phase);
  }
  fit.left = left_by_levels(samples);
  fit.rms = fit.left.rms;
  out.quality = quality_of(samples, fit.left);
  out.dead = true;
  out.remark =
      "does not respond to its heater: constant at " + format_short(level, 3) +
      (out.quality.noise.sigma > 0 ? " within its noise of " + format_short(out.quality.noise.sigma, 2)
                                   : "") +
      "; taken so, and no control is asked of it";
}

double mean_temperature(const ChipCurves& curves) {
  double mean = 0;
  for (const double t : curves.temperature_c) mean += t / double(curves.temperature_c.size());
  return mean;
}

/// The samples of a shifter, with their temperatures above the mean of all sweeps.
Samples samples_of(const ChipCurves& curves, std::size_t device, std::size_t element) {
  ElementSamples curve = element_samples(curves, device, element);
  if (curves.temperature_c.size() < 2) return std::move(curve.samples);
  const double mean = mean_temperature(curves);
  std::vector<double> above;
  for (Index n = 0; n < curve.samples.size(); ++n)
    above.push_back(curves.temperature_c[curve.sweep_of[std::size_t(curve.samples.sweep[std::size_t(n)])]] -
                    mean + curve.samples.drift_of(n));
  curve.samples.drift_k = std::move(above);
  return std::move(curve.samples);
}

Outcome fit_shifter(const MeshFitInput& input, std::size_t device, std::size_t element) {
  const Samples samples = samples_of(input.curves, device, element);
  Outcome out;
  out.fit.fringe = design_of(input);
  out.fit.covariance = Matrix<double>::Zero(fringe_parameters, fringe_parameters);
  if (samples.size() <= fringe_parameters) {
    out.remark = samples.size() == 0
                     ? std::string(unmeasured) + "it changes no power at an output): design values taken"
                     : "only " + std::to_string(samples.size()) + " samples: design values taken";
    return out;
  }
  const int harmonic = harmonic_of(input, element);
  FringeFit fit = fit_fringe(samples, harmonic, input.process.resistance_ohm, input.process.p_pi_mw,
                             input.process.kappa_rad_per_k);
  out.measured = true;
  out.quality = quality_of(samples, fit.left);
  const auto [least, most] = std::minmax_element(samples.control.begin(), samples.control.end());
  if (*most > *least && !responds(samples, out.quality.noise, fit.left)) {
    const bool of_one_way =
        input.plan == nullptr || input.plan->place_of(Index(element)).kind != MeshControl::phi;
    take_dead(input, samples, harmonic, of_one_way, out);
    return out;
  }
  out.remark = remark_of(input, fit, out.quality, samples, harmonic);
  if (!fit.converged) return out;
  out.usable = true;
  // the turn, or half turn, that is nearest to the design
  const double from_design = fit.fringe.theta0_rad - input.process.theta0_rad;
  fit.fringe.theta0_rad = input.process.theta0_rad + std::remainder(from_design, 2 * pi / harmonic);
  out.fit = std::move(fit);
  return out;
}

/// A wave on the straight way through the crossed mesh.
struct Wave {
  double phase = 0, variance = 0;
};

/// Turns the phases of φ's fringes into those of φ, column by column.
void subtract_ways(const MeshFitInput& input, std::vector<Outcome>& outcomes) {
  const MeshPlan& plan = *input.plan;
  const double design = input.process.theta0_rad;
  std::vector<Wave> waves(std::size_t(plan.in));
  for (int number = 0; number < plan.meshes(); ++number) {
    const RectangularMesh mesh = plan.mesh(number);
    const Index first = plan.first_control(number);
    waves.resize(std::size_t(mesh.modes));  // between meshes the modes go on as they are
    const auto meet = [&](Index mzi, Wave& above, Wave& below) {
      const FringeFit& theta = outcomes[std::size_t(first + mesh.theta(mzi))].fit;
      Outcome& phi = outcomes[std::size_t(first + mesh.phi(mzi))];
      const double error = theta.fringe.theta0_rad - design;
      double offset = 0;  // of φ, against the design
      if (phi.usable) {
        offset = std::remainder(phi.fit.fringe.theta0_rad - design - (above.phase - below.phase), 2 * pi);
        phi.fit.fringe.theta0_rad = design + offset;
      }
      // At its cross port a splitter pair turns light by θ/2 + (β1 − β2) tan(θ/2)
      const double splitters = 2 * std::pow(input.process.split_sigma_rad * std::tan(error / 2), 2);
      const double turned = theta.covariance(0, 0) / 4 + splitters;
      const Wave up{below.phase + pi / 2 + error / 2, below.variance + turned};
      // light from above leaves with A + φ_0, which is B + Φ: the variance of the way it came drops out
      Wave down{above.phase + offset + pi / 2 + error / 2, above.variance + turned};
      if (phi.usable) {
        down.variance = below.variance + phi.fit.covariance(0, 0) + turned;
        phi.fit.covariance(0, 0) += above.variance + below.variance;
      }
      above = down, below = up;
    };
    follow_crossed(mesh, true, waves, meet, [](Wave&) {});
  }
}

/// Remarks on static phases of θ that lie together about half a turn from the design: fabrication scatters
/// them, but the other output port of an interferometer has the complement of its light.
void doubt_port(const MeshFitInput& input, std::vector<Outcome>& outcomes) {
  std::vector<Outcome*> thetas;
  double along = 0, across = 0;
  for (std::size_t k = 0; k < outcomes.size(); ++k) {
    const bool is_theta = input.plan == nullptr || input.plan->place_of(Index(k)).kind == MeshControl::theta;
    if (!is_theta || !outcomes[k].usable) continue;
    thetas.push_back(&outcomes[k]);
    const double offset = outcomes[k].fit.fringe.theta0_rad - input.process.theta0_rad;
    along += std::cos(offset), across += std::sin(offset);
  }
  constexpr std::size_t fewest = 4;
  constexpr double together = 0.8, near = 0.5;  // length of the mean direction; rad
  const double length = std::hypot(along, across) / double(std::max<std::size_t>(1, thetas.size()));
  if (thetas.size() < fewest || length < together || std::abs(std::atan2(across, along)) < pi - near) return;
  for (Outcome* theta : thetas)
    theta->remark += (theta->remark.empty() ? "" : "; ") +
                     std::string(
                         "static phase about half a turn from the design, as all others: was the "
                         "other output port read, whose fringe is the complement (1 - response)?");
}

ChipModel empty_model(const MeshFitInput& input) {
  ChipModel chip;
  chip.key = input.curves.key;
  chip.layers = input.curves.layers;
  chip.kind = "fringe";
  chip.elements = input.curves.elements;
  chip.parameters = {"offset_rad", "p_pi_mw", "visibility", "offset"};
  chip.units = {"rad", "mW", "1", "1"};
  const std::size_t devices = input.curves.response.dim(0), elements = chip.elements.size(),
                    count = chip.parameters.size();
  chip.values = Array<double>({devices, elements, count});
  chip.covariance = Array<double>({devices, elements, count, count});
  chip.rms_residual = Array<double>({devices, elements});
  chip.remarks.resize(elements);
  prepare_quality(chip);
  prepare_falls(chip);
  return chip;
}

void store(const MeshFitInput& input, const Outcome& outcome, std::size_t device, std::size_t element,
           double drift_rad, ChipModel& chip) {
  const std::size_t at = device * chip.elements.size() + element, count = chip.parameters.size();
  const Fringe& f = outcome.fit.fringe;
  const double offset = f.theta0_rad - input.process.theta0_rad - (outcome.usable ? drift_rad : 0);
  const double values[] = {offset, f.p_pi_mw, f.visibility, f.offset};
  std::copy(std::begin(values), std::end(values), chip.values.data.begin() + std::ptrdiff_t(at * count));
  std::copy_n(outcome.fit.covariance.data(), count * count,
              chip.covariance.data.begin() + std::ptrdiff_t(at * count * count));
  chip.rms_residual.data[at] = outcome.fit.rms;
  if (outcome.measured) store_quality(outcome.quality, outcome.dead, at, chip);
  store_fall(outcome.fit.fall, at, chip);
  if (device == 0) chip.remarks[element] = outcome.remark;
}

}  // namespace

ChipModel fit_fringes(const MeshFitInput& input, Progress& progress) {
  ChipModel chip = empty_model(input);
  const std::size_t devices = chip.values.dim(0), elements = chip.elements.size();
  if (input.plan != nullptr)
    require(elements == std::size_t(input.plan->control_count()), "a fringe a control");
  const double drift = input.process.kappa_rad_per_k *
                       (mean_temperature(input.curves) - input.process.reference_temperature_c);
  constexpr std::size_t block = 1024;
  std::size_t done = 0;
  std::vector<NoiseFrom> noise;
  for (std::size_t device = 0; device < devices; ++device) {
    std::vector<Outcome> outcomes(elements);
    for (std::size_t begin = 0; begin < elements; begin += block) {
      const std::size_t count = std::min(block, elements - begin);
      parallel_for(count,
                   [&](std::size_t k) { outcomes[begin + k] = fit_shifter(input, device, begin + k); });
      done += count;
      progress.update(done, devices * elements, "fits", "");
      if (progress.stop_requested()) throw Interrupted("fit stopped; nothing was written");
    }
    doubt_port(input, outcomes);
    if (input.plan != nullptr) subtract_ways(input, outcomes);
    for (std::size_t k = 0; k < elements; ++k) store(input, outcomes[k], device, k, drift, chip);
    for (const Outcome& outcome : outcomes) noise.push_back(outcome.quality.noise.from);
  }
  finish_quality(noise, chip);
  finish_falls(chip);
  return chip;
}

std::optional<double> strangeness_of_fringes(const Curves& curves, const Process& process) {
  constexpr std::size_t most = 32, fewest_samples = 8;
  std::vector<double> all;
  for (const ChipCurves& chip : curves.chips) {
    for (std::size_t element = 0; element < std::min(most, chip.elements.size()); ++element) {
      const Samples samples = element_samples(chip, 0, element).samples;
      if (samples.size() < Index(fewest_samples)) continue;
      const auto [least, largest] = std::minmax_element(samples.response.begin(), samples.response.end());
      const FringeFit fit = fit_fringe(samples, 1, process.resistance_ohm, process.p_pi_mw);
      constexpr double unlike = 10;  // of what no fringe follows
      all.push_back(fit.converged && *largest > *least
                        ? std::abs(std::log(fit.fringe.p_pi_mw / process.p_pi_mw)) +
                              6 * fit.rms / (*largest - *least)
                        : unlike);
    }
  }
  if (all.empty()) return std::nullopt;
  return median(std::move(all));
}

void rate_nominal_mesh(const MeshFitInput& input, ChipModel& nominal) {
  const std::size_t elements = nominal.elements.size(), devices = input.curves.response.dim(0);
  prepare_quality(nominal);
  std::vector<NoiseFrom> noise(elements, NoiseFrom::nothing);
  // the design is the same for every device, and one model serves them all: rms over devices
  for (std::size_t element = 0; element < elements; ++element) {
    stop_if_asked();
    double squares = 0;
    std::size_t seen = 0;
    Samples samples;
    for (std::size_t device = 0; device < devices; ++device) {
      Samples own = samples_of(input.curves, device, element);
      if (own.size() <= 2) continue;
      const double rms = rms_of_design(own, harmonic_of(input, element), input.process.resistance_ohm,
                                       design_of(input), input.process.kappa_rad_per_k);
      squares += rms * rms, ++seen;
      samples = std::move(own);
    }
    if (seen == 0) continue;
    const Residuals left{std::sqrt(squares / double(seen)), 2, {}, {}};
    const Quality quality = quality_of(samples, left);
    nominal.rms_residual.data[element] = left.rms;
    store_quality(quality, false, element, nominal);
    noise[element] = quality.noise.from;
    std::string& remark = nominal.remarks[element];
    if (!responds(samples, quality.noise, left))
      remark = "does not respond to its heater";
    else if (left.rms > input.settings.bad_residual * range_of(samples) / 2 && left.rms > 1.5 * samples.sigma)
      remark = "rms " + format_short(left.rms, 2) + " against its design";
    else if (stands_out(quality, left.rms, range_of(samples)))
      remark = text_of_excess(quality) + ": it is not as designed";
  }
  finish_quality(noise, nominal);
}

}  // namespace pnn::platforms::mzi::lab
