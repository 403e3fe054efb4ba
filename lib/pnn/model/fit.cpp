#include "pnn/model/fit.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/model/chip_fit.hpp"

namespace pnn::model {
namespace {

void check_curves(const Curves& curves, const std::vector<platform::LayerPlan>& plans) {
  Complaints complaints("curves");
  if (curves.chips.empty()) complaints.add("no chip");
  for (const ChipCurves& chip : curves.chips) {
    const std::vector<std::size_t>& shape = chip.response.shape;
    if (shape.size() != 4 || shape[1] != chip.elements.size() || shape[2] != chip.temperature_c.size() ||
        chip.control.shape != shape || (!chip.sigma.data.empty() && chip.sigma.shape != shape)) {
      complaints.add("chip \"" + chip.key +
                     "\": control, response and sigma must all be [device, element, temperature, point]");
    }
    const auto runs_on = [&](const platform::LayerPlan& plan) { return plan.chip_key() == chip.key; };
    if (chip.key == imported_chip || plans.empty()) continue;
    const auto plan = std::find_if(plans.begin(), plans.end(), runs_on);
    if (plan == plans.end()) {
      complaints.add("chip \"" + chip.key + "\": no layer of the network runs on it");
    } else if (element_names(*plan).size() != chip.elements.size()) {
      complaints.add("chip \"" + chip.key + "\": " + std::to_string(chip.elements.size()) +
                     " elements, expected " + std::to_string(element_names(*plan).size()));
    }
  }
  complaints.raise();
}

}  // namespace

void FitSettings::describe(Options& options) {
  options.group("Fit");
  options.choice(
      "model", kind, {"nominal", "lorentzian", "airy", "airy+crosstalk", "spline"},
      "what to fit to each ring: design values, a Lorentzian in heater power, the ring's own formula, that "
      "with its neighbours' light and heat, or a smoothing spline");
  options.number("bad-residual", bad_residual, "W",
                 "rms residual above which an element is called bad, in weight", Limits::positive());
  options.integer("knots", knots, "N", "knots of a spline", Limits::between(4, 1000));
}

Model fit(const Curves& curves, const platform::Process& process, std::vector<platform::LayerPlan> plans,
          const FitSettings& settings, Progress& progress) {
  if (settings.kind == "nominal" && curves.chips.empty()) return nominal_model(std::move(plans), process);
  check_curves(curves, plans);

  Model model;
  if (settings.kind == "nominal") {
    model = nominal_model(std::move(plans), process);
  } else {
    model.process = process, model.plans = std::move(plans);
  }
  for (const ChipCurves& chip : curves.chips) {
    const ChipFitInput input{chip, process.mrr, model.plans, settings};
    if (settings.kind == "nominal") {
      const auto same = [&](const ChipModel& known) { return known.key == chip.key; };
      const auto known = std::find_if(model.chips.begin(), model.chips.end(), same);
      if (known != model.chips.end()) rate_nominal(input, *known);
    } else if (settings.kind == "spline") {
      model.chips.push_back(fit_splines(input, progress));
    } else if (settings.kind == "lorentzian" || settings.kind == "airy" ||
               settings.kind == "airy+crosstalk") {
      model.chips.push_back(fit_formula(input, progress));
    } else {
      throw UsageError("model kind \"" + settings.kind +
                       "\": expected nominal, lorentzian, airy, airy+crosstalk or spline");
    }
  }
  return model;
}

}  // namespace pnn::model
