#include "pnn/model/fit.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/model/chip_fit.hpp"
#include "pnn/model/mesh_fit.hpp"

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

/// The mesh that a chip's curves are of; null for rings and for curves from elsewhere.
const platform::MeshPlan* mesh_of(const ChipCurves& chip, const std::vector<platform::LayerPlan>& plans) {
  for (const platform::LayerPlan& plan : plans) {
    if (plan.mesh() != nullptr && plan.chip_key() == chip.key) return &plan.mesh()->mesh;
  }
  return nullptr;
}

/// Whether a kind is one for these curves. Curves from elsewhere are what the kind takes them for.
bool suits(const std::string& kind, const ChipCurves& chip, const std::vector<platform::LayerPlan>& plans) {
  return chip.key == imported_chip || (kind == "fringe") == (mesh_of(chip, plans) != nullptr);
}

void check_kind(const std::string& kind, const Curves& curves,
                const std::vector<platform::LayerPlan>& plans) {
  const std::vector<std::string> of_rings = {"lorentzian", "airy", "airy+crosstalk", "spline"};
  const bool rings = std::find(of_rings.begin(), of_rings.end(), kind) != of_rings.end();
  if (!rings && kind != "fringe" && kind != "nominal") {
    throw UsageError("model kind \"" + kind + "\": expected nominal, fringe or, of rings, " +
                     join(of_rings, ", "));
  }
  const auto taken = [&](const ChipCurves& chip) { return suits(kind, chip, plans); };
  if (kind == "nominal" || std::any_of(curves.chips.begin(), curves.chips.end(), taken)) return;
  throw UsageError(
      "--model " + kind +
      (rings ? ": is of rings, and these are curves of interferometer meshes; take fringe or nominal"
             : ": is of interferometer meshes, and these are curves of rings; take " + join(of_rings, ", ") +
                   " or nominal"));
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

ChipModel fit_chip(const ChipFitInput& rings, const MeshFitInput& mesh, Progress& progress) {
  const std::string& kind = rings.settings.kind;
  if (kind == "fringe") return fit_fringes(mesh, progress);
  return kind == "spline" ? fit_splines(rings, progress) : fit_formula(rings, progress);
}

}  // namespace

void FitSettings::describe(Options& options) {
  options.group("Fit");
  options.choice(
      "model", kind, {"nominal", "lorentzian", "airy", "airy+crosstalk", "spline", "fringe"},
      "what to fit: nothing but design values; to each ring a Lorentzian in heater power, the ring's own "
      "formula, that with its neighbours' light and heat, or a smoothing spline; to each phase shifter of a "
      "mesh its fringe");
  options.number("bad-residual", bad_residual, "W",
                 "rms residual above which an element is called bad: a weight, or a share of a fringe's mean",
                 Limits::positive());
  options.integer("knots", knots, "N", "knots of a spline", Limits::between(4, 1000));
}

Model fit(const Curves& curves, const platform::Process& process, std::vector<platform::LayerPlan> plans,
          const FitSettings& settings, Progress& progress) {
  if (settings.kind == "nominal" && curves.chips.empty()) return nominal_model(std::move(plans), process);
  check_curves(curves, plans);
  check_kind(settings.kind, curves, plans);

  Model design = nominal_model(plans, process);
  const auto design_of = [&](const ChipCurves& chip) {
    return std::find_if(design.chips.begin(), design.chips.end(),
                        [&](const ChipModel& known) { return known.key == chip.key; });
  };
  Model model;
  model.process = process, model.plans = std::move(plans);
  for (const ChipCurves& chip : curves.chips) {
    const ChipFitInput rings{chip, process.mrr, model.plans, settings};
    const MeshFitInput mesh{chip, process.mzi, mesh_of(chip, model.plans), settings};
    const auto designed = design_of(chip);
    if (settings.kind == "nominal" && designed != design.chips.end()) {
      if (mesh.plan != nullptr) {
        rate_nominal_mesh(mesh, *designed);
      } else {
        rate_nominal(rings, *designed);
      }
    } else if (suits(settings.kind, chip, model.plans)) {
      model.chips.push_back(fit_chip(rings, mesh, progress));
    } else if (designed != design.chips.end()) {
      model.chips.push_back(repeated(*designed, chip.response.dim(0)));
    }
  }
  if (settings.kind == "nominal") model.chips = std::move(design.chips);
  return model;
}

}  // namespace pnn::model
