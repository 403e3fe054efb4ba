#include "pnn/app/fit_report.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/text.hpp"
#include "pnn/model/hysteresis.hpp"
#include "pnn/study/lab.hpp"
#include "pnn/study/summary.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::app {
namespace {

/// What the elements of a chip are called.
std::string elements_of(const model::ChipModel& chip, const model::Model& model) {
  for (const platform::LayerPlan& plan : model.plans)
    if (plan.chip_key() == chip.key) return plan.platform().elements();
  const study::PlatformLab* lab = study::lab_of_kind(chip.kind);
  return lab != nullptr ? lab->platform().elements() : "elements";
}

void report_chip(const model::ChipModel& chip, const std::string& elements, cli::Report& report) {
  const study::ChipSummary summary = study::summarise(chip);
  const bool rated = summary.rms_max > 0;
  report.headline(chip.key + ": " + chip.kind + ", " + std::to_string(chip.elements.size()) + " " + elements +
                  (rated ? ", rms residual " + format_short(summary.rms_median, 3) + " (median), " +
                               format_short(summary.rms_max, 3) + " (largest)"
                         : ""));
  if (summary.excess_max > 0)
    report.headline("  residuals are " + format_short(summary.excess_median, 2) + " (median), " +
                    format_short(summary.excess_max, 2) + " (largest) times the noise, which is known from " +
                    join(chip.noise_from, ", ") +
                    (summary.held_out_median > 0
                         ? "; held-out points are missed by " + format_short(summary.held_out_median, 3) +
                               " (rms, median)"
                         : ""));
  if (!summary.bad.empty())
    report.headline("  in doubt: " + std::to_string(summary.bad.size()) + " of " +
                    std::to_string(chip.elements.size()) + " " + elements +
                    (summary.dead > 0 ? ", of which " + std::to_string(summary.dead) +
                                            " do not respond to their control (it is held)"
                                      : ""));
  if (summary.unmeasured > 0) {
    report.headline("  " + std::to_string(summary.unmeasured) + " " + elements + " " +
                    summary.unmeasured_because);
  }
  if (!chip.measured.data.empty()) {
    const study::Summary ends = study::summarise(chip.measured.data);
    report.headline("  measured at controls from " + format_short(ends.worst) + " to " +
                    format_short(ends.best) +
                    ", which nothing leaves that uses this model (but for --extrapolate)");
    report.value(chip.key + " measured", chip.measured.data);
  }
  if (!chip.assumed.empty()) {
    report.headline("  assumed, for the curves do not determine them: " + join(chip.assumed, ", "));
    report.value(chip.key + " assumed", chip.assumed);
  }
  constexpr std::size_t most_named = 20;
  for (std::size_t k = 0; k < std::min(most_named, summary.bad.size()); ++k)
    report.headline("  " + summary.bad[k]);
  if (summary.bad.size() > most_named)
    report.headline("  and " + std::to_string(summary.bad.size() - most_named) + " more");
  for (const study::ParameterSummary& p : summary.parameters) {
    report.row({chip.key, p.name, p.unit, format_short(p.median, 5),
                p.median_error > 0 ? format_short(p.median_error, 2) : "-"});
  }
  report.value(chip.key + " kind", chip.kind);
  report.value(chip.key + " elements", chip.elements);
  report.value(chip.key + " parameters", chip.parameters);
  report.value(chip.key + " units", chip.units);
  report.value(chip.key + " values", chip.values.data);
  report.value(chip.key + " covariance", chip.covariance.data);
  report.value(chip.key + " rms_residual", chip.rms_residual.data);
  report.value(chip.key + " chi_square", chip.chi_square.data);
  report.value(chip.key + " noise", chip.noise.data);
  report.value(chip.key + " noise_from", chip.noise_from);
  report.value(chip.key + " held_out", chip.held_out.data);
  report.value(chip.key + " dead", chip.dead.data);
  for (const auto& [name, array] : chip.more) report.value(chip.key + " " + name, array.data);
  report.value(chip.key + " unmeasured", std::int64_t(summary.unmeasured));
  report.value(chip.key + " bad", summary.bad);
}

void report_hysteresis(const model::ChipCurves& chip, cli::Report& report) {
  const model::Hysteresis h = model::hysteresis(chip);
  if (h.points == 0) return;
  report.headline(chip.key + ": sweeps up and down differ by " + format_short(h.rms, 3) + " (rms)" +
                  (h.noise > 0 ? "; read-out noise alone would give " + format_short(h.noise, 3) : ""));
  report.value(chip.key + " hysteresis", h.rms);
  report.value(chip.key + " hysteresis_of_noise", h.noise);
}

}  // namespace

void report_fit(const model::Model& model, const model::Curves& curves, cli::Report& report) {
  report.columns({"chip", "parameter", "unit", "median", "standard error"});
  for (const model::ChipModel& chip : model.chips) report_chip(chip, elements_of(chip, model), report);
  for (const model::ChipCurves& chip : curves.chips) report_hysteresis(chip, report);
}

void report_elements(const model::Model& model, cli::Report& report) {
  report.columns({"chip or element", "parameter", "unit", "value", "standard error"});
  for (const model::ChipModel& chip : model.chips) {
    const std::size_t count = chip.parameters.size();
    report_chip(chip, elements_of(chip, model), report);
    constexpr std::size_t most_shown = 64;
    std::size_t shown = 0;
    for (std::size_t e = 0; e < chip.elements.size() && shown < most_shown; ++e) {
      if (chip.rms_residual.data[e] == 0) continue;
      ++shown;
      for (std::size_t k = 0; k < count; ++k) {
        const double sigma = std::sqrt(chip.covariance.data[(e * count + k) * count + k]);
        report.row({chip.elements[e], chip.parameters[k], chip.units[k],
                    format_short(chip.values.data[e * count + k], 6),
                    sigma > 0 ? format_short(sigma, 2) : "-"});
      }
    }
  }
}

}  // namespace pnn::app
