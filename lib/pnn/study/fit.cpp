#include "pnn/study/fit.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {

using model::ChipCurves;
using model::ChipModel;
using model::imported_chip;
using model::Model;
namespace {

void check_curves(const model::Curves& curves, const std::vector<platform::AnyPlan>& plans) {
  Complaints complaints("curves");
  if (curves.chips.empty()) complaints.add("no chip");
  for (const ChipCurves& chip : curves.chips) {
    const std::vector<std::size_t>& shape = chip.response.shape;
    if (shape.size() != 4 || shape[1] != chip.elements.size() || shape[2] != chip.temperature_c.size() ||
        chip.control.shape != shape || (!chip.sigma.data.empty() && chip.sigma.shape != shape)) {
      complaints.add("chip \"" + chip.key +
                     "\": control, response and sigma must all be [device, element, temperature, point]");
    }
    if (chip.key == imported_chip || plans.empty()) continue;
    const platform::LayerPlan* layer = layer_of_chip(chip, plans);
    if (layer == nullptr) {
      complaints.add("chip \"" + chip.key + "\": no layer of the network runs on it");
    } else if (lab_of(layer->platform()).kinds().empty()) {
      complaints.add("chip \"" + chip.key + "\": nothing is fitted to curves of " +
                     layer->platform().elements() +
                     "; take their design values (--model nominal on the network or device)");
    } else if (layer->element_names().size() != chip.elements.size()) {
      complaints.add("chip \"" + chip.key + "\": " + std::to_string(chip.elements.size()) +
                     " elements, expected " + std::to_string(layer->element_names().size()));
    }
  }
  complaints.raise();
}

/// Whether a kind is one for these curves.
bool suits(const std::string& kind, const model::ChipCurves& chip,
           const std::vector<platform::AnyPlan>& plans) {
  const std::vector<FitKind> kinds = lab_of_chip(chip, kind, plans).kinds();
  return std::any_of(kinds.begin(), kinds.end(), [&](const FitKind& known) {
    return known.name == kind && (known.of_imports || chip.key != model::imported_chip);
  });
}

/// Refuses curves that were taken under conditions which their laboratory's fits do not take into account.
void check_conditions(const std::string& kind, const model::Curves& curves,
                      const std::vector<platform::AnyPlan>& plans) {
  for (const ChipCurves& chip : curves.chips) {
    const std::vector<std::string> known = lab_of_chip(chip, kind, plans).fits_under();
    std::vector<model::TakenUnder> others;
    for (const model::TakenUnder& condition : chip.conditions)
      if (std::find(known.begin(), known.end(), condition.name) == known.end()) others.push_back(condition);
    if (!others.empty())
      throw UsageError("chip \"" + chip.key + "\": its curves were taken under " + model::text_of(others) +
                       ", which no fit takes into account; characterise it without");
  }
}

/// Refuses imported curves of a platform on which no layer of the network runs.
void check_imports(const model::Curves& curves, const std::vector<platform::AnyPlan>& plans) {
  for (const ChipCurves& chip : curves.chips) {
    const platform::Platform* platform = platform::find_platform(chip.platform);
    if (platform == nullptr || plans.empty()) continue;
    const auto runs = [&](const platform::LayerPlan& plan) { return &plan.platform() == platform; };
    if (std::none_of(plans.begin(), plans.end(), runs))
      throw UsageError("--layer: the imported curves are of " + platform->elements() +
                       ", and no layer of the network runs on them; name a layer " + platform->word());
  }
}

void check_kind(const std::string& kind, const model::Curves& curves,
                const std::vector<platform::AnyPlan>& plans) {
  if (kind == "nominal") return;
  const auto taken = [&](const model::ChipCurves& chip) { return suits(kind, chip, plans); };
  if (std::any_of(curves.chips.begin(), curves.chips.end(), taken)) return;
  const PlatformLab& lab = lab_of_chip(curves.chips.front(), "", plans);
  std::vector<std::string> kinds;
  for (const FitKind& known : lab.kinds()) kinds.push_back(known.name);
  throw UsageError("--model " + kind + ": is not for curves of " + lab.platform().elements() + "; take " +
                   join(kinds, ", ") + " or nominal");
}

/// Design values for as many devices as other chips were fitted of.
ChipModel repeated(ChipModel chip, std::size_t devices) {
  for (Array<double>* values : {&chip.values, &chip.covariance, &chip.rms_residual}) {
    const std::vector<double> one = values->data;
    for (std::size_t k = 1; k < devices; ++k) values->data.insert(values->data.end(), one.begin(), one.end());
    values->shape[0] = devices;
  }
  return chip;
}

}  // namespace

void FitSettings::describe(Options& options) {
  options.group("Fit");
  std::string what = "what to fit: nominal takes design values";
  for (const PlatformLab* lab : labs()) {
    for (const FitKind& known : lab->kinds()) what += "; " + known.name + " " + known.description;
  }
  options.choice("model", kind, model_kinds(), what);
  options.number("bad-residual", bad_residual, "W",
                 "rms residual above which an element is called bad, in the unit of its curve's response",
                 Limits::positive());
  options.integer("knots", knots, "N", "knots of a spline", Limits::between(4, 1000));
}

model::Model fit(const model::Curves& curves, const platform::Process& process,
                 std::vector<platform::AnyPlan> plans, const FitSettings& settings, Progress& progress) {
  const std::vector<std::string> unfit = platform::check_layers(plans, process);
  if (!unfit.empty()) throw UsageError(join(unfit, "; "));
  if (settings.kind == "nominal" && curves.chips.empty())
    return model::nominal_model(std::move(plans), process);
  check_curves(curves, plans);
  check_imports(curves, plans);
  check_kind(settings.kind, curves, plans);
  check_conditions(settings.kind, curves, plans);

  Model design = model::nominal_model(plans, process);
  const auto design_of = [&](const ChipCurves& chip) {
    return std::find_if(design.chips.begin(), design.chips.end(),
                        [&](const ChipModel& known) { return known.key == chip.key; });
  };
  Model model;
  model.process = process, model.plans = std::move(plans);
  for (const ChipCurves& chip : curves.chips) {
    const FitInput input{chip, process, model.plans, layer_of_chip(chip, model.plans), settings};
    const PlatformLab& lab = lab_of_chip(chip, settings.kind, model.plans);
    const auto designed = design_of(chip);
    if (settings.kind == "nominal" && designed != design.chips.end()) {
      lab.rate(input, *designed);
    } else if (suits(settings.kind, chip, model.plans)) {
      model.chips.push_back(lab.fit(input, progress));
    } else if (designed != design.chips.end()) {
      model.chips.push_back(repeated(*designed, chip.response.dim(0)));
    }
  }
  if (settings.kind == "nominal") model.chips = std::move(design.chips);
  return model;
}

}  // namespace pnn::study
