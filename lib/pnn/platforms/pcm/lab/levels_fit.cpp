#include "pnn/platforms/pcm/lab/levels_fit.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/reduce.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/platforms/pcm/age.hpp"
#include "pnn/platforms/pcm/crossbar.hpp"
#include "pnn/platforms/pcm/platform.hpp"
#include "pnn/study/predicted.hpp"

namespace pnn::platforms::pcm::lab {
namespace {

/// A cell whose response changes over the range by less than this part of the design is called dead.
constexpr double least_swing = 0.1;

/// What fits start from and are held against. Imported curves are transmissions; those of a layer are
/// weights.
CellCurve design_of(const FitInput& input) {
  const auto process = input.process.as<Process>();
  if (input.layer == nullptr) return {process.crystalline, process.contrast(), process.bend};
  const std::vector<double> values = input.layer->design(input.process).values;
  return {values[0], values[1], values[2]};
}

/// What drift made of the curves of a chip by the time they were taken, as designed: amorphous parts grew by
/// ν D of the contrast, and a reference column, which is subtracted, grew too.
struct Drift {
  double growth = 1;  ///< of a swing, 1 + ν D
  double shift = 0;   ///< of a response
  [[nodiscard]] CellCurve aged(const CellCurve& c) const {
    return {c.low + shift, c.swing * growth, c.bend / growth};
  }
};

Drift drift_of(const FitInput& input) {
  Drift drift;
  const auto process = input.process.as<Process>();
  const auto said = std::find_if(input.curves.conditions.begin(), input.curves.conditions.end(),
                                 [](const model::TakenUnder& c) { return c.name == age().name; });
  if (said == input.curves.conditions.end()) return drift;
  const double part = process.drift * age().to_system(said->value);
  drift.growth = 1 + part;
  if (!(drift.growth > 0))
    throw UsageError("pcm.drift: over an age of " + format_short(said->value, 4) +
                     " s the cells of the design lose all of their contrast, so that nothing can be fitted");
  if (input.layer != nullptr && !arrays_of(*input.layer)->differential())
    drift.shift = -2 * part * reference_level(process.bend);
  return drift;
}

/// A fit at the age of the curves as one of age 0.
CellFit undrifted(CellFit fit, const Drift& drift) {
  const double factors[] = {1, 1 / drift.growth, drift.growth};
  fit.curve.low -= drift.shift;
  fit.curve.swing *= factors[1];
  fit.curve.bend *= factors[2];
  for (Index i = 0; i < cell_parameters; ++i)
    for (Index j = 0; j < cell_parameters; ++j) fit.covariance(i, j) *= factors[i] * factors[j];
  return fit;
}

double rms_of(const CellCurve& curve, const Samples& samples) {
  Vector<double> left(samples.size());
  for (Index k = 0; k < samples.size(); ++k)
    left[k] = samples.response[std::size_t(k)] - curve.at(samples.control[std::size_t(k)]);
  return norm(left) / std::sqrt(double(std::max<Index>(1, samples.size())));
}

struct Outcome {
  CellFit fit;
  Quality quality;
  bool measured = false, dead = false;
  std::string remark;
};

std::string remark_on_levels(const Samples& samples) {
  const auto [low, high] = std::minmax_element(samples.control.begin(), samples.control.end());
  if (*low >= -1e-6 && *high <= 1 + 1e-6) return {};
  return "controls from " + format_short(*low, 3) + " to " + format_short(*high, 3) +
         ", where levels are 0 to 1: divide pulse energies or the like by their range first";
}

Outcome fit_element(const FitInput& input, const CellCurve& fresh, const Drift& drift, std::size_t device,
                    std::size_t element) {
  const CellCurve design = drift.aged(fresh);
  const Samples samples = element_samples(input.curves, device, element).samples;
  Outcome out;
  out.fit.curve = fresh;
  out.fit.covariance = Matrix<double>::Zero(cell_parameters, cell_parameters);
  if (samples.size() <= cell_parameters) {
    out.remark = std::string(unmeasured) + std::to_string(samples.size()) + " samples): design values taken";
    return out;
  }
  CellFit fit = fit_cell(samples);
  std::vector<std::string> parts;
  if (std::string text = remark_on_levels(samples); !text.empty()) parts.push_back(std::move(text));
  out.quality = quality_of(samples, fit.left);
  const double swing = fit.curve.swing, part = swing / design.swing;
  out.measured = true;
  out.dead = std::abs(part) < least_swing;
  if (!fit.identified || std::abs(part) < least_swing) {
    if (std::abs(part) < least_swing) {
      parts.push_back("dead: over the range its response changes by " + format_short(swing, 2) + ", where " +
                      format_short(design.swing, 2) + " is designed");
    } else {
      parts.emplace_back(
          "the curve does not determine every parameter: no standard errors, and the bend of the design");
    }
    // a response that does not change has no bend
    fit.curve.bend = design.bend;
    fit.covariance.row(2).setZero();
    fit.covariance.col(2).setZero();
    fit.rms = fit.left.rms = rms_of(fit.curve, samples);
  } else {
    if (part < 0) parts.emplace_back("its response falls with the level: are its columns exchanged?");
    if (std::abs(fit.curve.bend) > 1)
      parts.push_back("bend " + format_short(fit.curve.bend, 2) +
                      ": its response turns back within the range");
    if (fit.rms > input.settings.bad_residual * std::abs(swing) && fit.rms > 1.5 * samples.sigma)
      parts.push_back("rms " + format_short(fit.rms, 2) + ": not the shape of a cell");
    else if (stands_out(out.quality, fit.rms, std::abs(swing)))
      parts.push_back(text_of_excess(out.quality) + " (rms " + format_short(fit.rms, 2) +
                      "): the curve has more in it than that of a cell");
  }
  out.fit = undrifted(std::move(fit), drift);
  out.remark = join(parts, "; ");
  return out;
}

}  // namespace

CellFit fit_cell(const Samples& samples) {
  const Index count = samples.size(), freedom = count - cell_parameters;
  require(freedom > 0, "fit of a cell: as many parameters as samples");
  Matrix<double> basis(count, cell_parameters);
  for (Index k = 0; k < count; ++k) {
    const double level = samples.control[std::size_t(k)];
    basis.row(k) << 1, level, level * level;
  }
  const ConstVectorView<double> y(samples.response.data(), count);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr{Eigen::MatrixXd(basis)};
  const Eigen::VectorXd q = qr.solve(Eigen::VectorXd(y));
  CellFit fit;
  fit.covariance = Matrix<double>::Zero(cell_parameters, cell_parameters);
  const double swing = q[1] + q[2];
  fit.curve = {q[0], swing, swing != 0 ? q[2] / swing : 0};
  fit.rms = rms_of(fit.curve, samples);
  fit.left = {fit.rms, double(cell_parameters), {}, {}};
  if (qr.rank() < cell_parameters || swing == 0) return fit;
  const double left = fit.rms * fit.rms * double(count) / double(freedom);
  const double variance = std::max(left, samples.sigma * samples.sigma);
  // (BᵀB)⁻¹ = P R⁻¹ R⁻ᵀ Pᵀ
  const Eigen::MatrixXd triangle = qr.matrixR().topRows(cell_parameters).triangularView<Eigen::Upper>();
  const Eigen::MatrixXd inverse = triangle.triangularView<Eigen::Upper>().solve(
      Eigen::MatrixXd(Eigen::MatrixXd::Identity(cell_parameters, cell_parameters)));
  const Eigen::MatrixXd half = qr.colsPermutation() * inverse;
  Matrix<double> change = Matrix<double>::Zero(cell_parameters, cell_parameters);
  change(0, 0) = 1;
  change(1, 1) = change(1, 2) = 1;
  change(2, 1) = -q[2] / (swing * swing);
  change(2, 2) = q[1] / (swing * swing);
  fit.left.leverage = leverages(basis, Matrix<double>(half * half.transpose()));
  for (Index k = 0; k < count; ++k)
    fit.left.of_each.push_back(fit.curve.at(samples.control[std::size_t(k)]) - y[k]);
  const Matrix<double> root = change * half;
  fit.covariance = variance * (root * root.transpose());
  constexpr double standing_out = 3;  // standard errors
  fit.identified = swing * swing > standing_out * standing_out * fit.covariance(1, 1);
  return fit;
}

ChipModel fit_levels(const FitInput& input, Progress& progress) {
  const ChipCurves& curves = input.curves;
  const std::size_t devices = curves.response.dim(0), elements = curves.elements.size();
  const CellCurve design = design_of(input);
  const Drift drift = drift_of(input);
  ChipModel chip;
  chip.key = curves.key;
  chip.layers = curves.layers;
  chip.kind = input.settings.kind;
  chip.elements = curves.elements;
  chip.parameters = {"low", "swing", "bend"};
  chip.units = {"1", "1", "1"};
  constexpr auto count = std::size_t(cell_parameters);
  chip.values = Array<double>({devices, elements, count});
  chip.covariance = Array<double>({devices, elements, count, count});
  chip.rms_residual = Array<double>({devices, elements});
  chip.remarks.resize(elements);
  prepare_quality(chip);
  std::vector<NoiseFrom> noise(devices * elements, NoiseFrom::nothing);
  constexpr std::size_t block = 4096;
  for (std::size_t device = 0; device < devices; ++device) {
    for (std::size_t begin = 0; begin < elements; begin += block) {
      parallel_for(std::min(block, elements - begin), [&](std::size_t k) {
        const std::size_t element = begin + k, at = device * elements + element;
        const Outcome outcome = fit_element(input, design, drift, device, element);
        const CellCurve& curve = outcome.fit.curve;
        const double values[] = {curve.low, curve.swing, curve.bend};
        std::copy_n(values, count, chip.values.data.begin() + std::ptrdiff_t(at * count));
        std::copy_n(outcome.fit.covariance.data(), count * count,
                    chip.covariance.data.begin() + std::ptrdiff_t(at * count * count));
        chip.rms_residual.data[at] = outcome.fit.rms;
        noise[at] = outcome.quality.noise.from;
        if (outcome.measured) store_quality(outcome.quality, outcome.dead, at, chip);
        if (device == 0) chip.remarks[element] = outcome.remark;
      });
      progress.update(device * elements + std::min(begin + block, elements), devices * elements, "fits", "");
      if (progress.stop_requested()) throw Interrupted("fit stopped; nothing was written");
    }
  }
  finish_quality(noise, chip);
  return chip;
}

void rate_nominal(const FitInput& input, ChipModel& nominal) {
  const CellCurve design = drift_of(input).aged(design_of(input));
  const std::size_t devices = input.curves.response.dim(0), elements = nominal.elements.size();
  // one model stands for all devices: it is as bad as for the worst of them
  for (std::size_t element = 0; element < elements; ++element) {
    double worst = 0;
    for (std::size_t device = 0; device < devices; ++device)
      worst = std::max(worst, rms_of(design, element_samples(input.curves, device, element).samples));
    nominal.rms_residual.data[element] = worst;
    if (worst > input.settings.bad_residual * std::abs(design.swing))
      nominal.remarks[element] = "rms " + format_short(worst, 2) + " against its design";
  }
}

ChipCurves predicted_levels(const ChipModel& chip, const ChipCurves& measured, std::size_t points) {
  const std::size_t devices = measured.response.dim(0), elements = measured.elements.size(),
                    sweeps = measured.response.dim(2);
  ChipCurves out = curves_like(measured, points);
  for (std::size_t device = 0; device < devices; ++device) {
    stop_if_asked();
    const std::size_t known = std::min(device, chip.values.dim(0) - 1);
    const auto parameter = [&](const char* name) {
      return parameter_of(chip, known, name, Index(elements), 0);
    };
    const std::vector<double> low = parameter("low"), swing = parameter("swing"), bend = parameter("bend");
    for (std::size_t e = 0; e < elements; ++e) {
      const CellCurve curve{low[e], swing[e], bend[e]};
      for (std::size_t t = 0; t < sweeps; ++t) {
        const std::size_t row = (device * elements + e) * sweeps + t;
        const auto range = measured_range(measured, row);
        if (!range) continue;
        const auto [least, greatest] = *range;
        for (std::size_t p = 0; p < points; ++p) {
          const double level = least + (greatest - least) * double(p) / double(points - 1);
          out.control.data[row * points + p] = level;
          out.response.data[row * points + p] = curve.at(level);
          out.sigma.data[row * points + p] = 0;
        }
      }
    }
  }
  return out;
}

}  // namespace pnn::platforms::pcm::lab
