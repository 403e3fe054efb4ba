#include "pnn/model/fit.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/model/chip_fit.hpp"
#include "pnn/model/mesh_fit.hpp"
#include "pnn/model/registration_fit.hpp"

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
    } else if (plan->d2nn() != nullptr) {
      complaints.add("chip \"" + chip.key +
                     "\": nothing is fitted to curves of phase masks; take their design "
                     "values (--model nominal on the network or device)");
    } else if (element_names(*plan).size() != chip.elements.size()) {
      complaints.add("chip \"" + chip.key + "\": " + std::to_string(chip.elements.size()) +
                     " elements, expected " + std::to_string(element_names(*plan).size()));
    }
  }
  complaints.raise();
}

/// What a kind of model is of, and the kinds of each.
struct Family {
  const char* elements;
  std::vector<std::string> kinds;
};
const Family& family_of(const platform::LayerPlan* plan) {
  static const Family rings{"rings", {"lorentzian", "airy", "airy+crosstalk", "spline"}};
  static const Family meshes{"interferometer meshes", {"fringe"}};
  static const Family free_space{"free space", {"registration"}};
  if (plan == nullptr || plan->bank() != nullptr) return rings;
  return plan->mesh() != nullptr ? meshes : free_space;
}

/// The first layer that runs on a chip; null for curves from elsewhere.
const platform::LayerPlan* layer_of(const ChipCurves& chip, const std::vector<platform::LayerPlan>& plans) {
  for (const platform::LayerPlan& plan : plans) {
    if (plan.chip_key() == chip.key) return &plan;
  }
  return nullptr;
}

/// Whether a kind is one for these curves. Curves from elsewhere are what the kind takes them for.
bool suits(const std::string& kind, const ChipCurves& chip, const std::vector<platform::LayerPlan>& plans) {
  if (chip.key == imported_chip) return kind != "registration";
  const std::vector<std::string>& kinds = family_of(layer_of(chip, plans)).kinds;
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

void check_kind(const std::string& kind, const Curves& curves,
                const std::vector<platform::LayerPlan>& plans) {
  if (kind == "nominal") return;
  const auto taken = [&](const ChipCurves& chip) { return suits(kind, chip, plans); };
  if (std::any_of(curves.chips.begin(), curves.chips.end(), taken)) return;
  const Family& family = family_of(layer_of(curves.chips.front(), plans));
  throw UsageError("--model " + kind + ": is not for curves of " + family.elements + "; take " +
                   join(family.kinds, ", ") + " or nominal");
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

/// One chip's curves, as each family of kinds reads them.
class ChipFit {
 public:
  ChipFit(const ChipCurves& chip, const platform::Process& process,
          const std::vector<platform::LayerPlan>& plans, const FitSettings& settings)
      : layer_(layer_of(chip, plans)),
        settings_(settings),
        rings_{chip, process.mrr, plans, settings},
        mesh_{chip, process.mzi,
              layer_ != nullptr && layer_->mesh() != nullptr ? &layer_->mesh()->mesh : nullptr, settings},
        chip_(chip),
        process_(process) {}

  [[nodiscard]] ChipModel fit(Progress& progress) const {
    if (settings_.kind == "fringe") return fit_fringes(mesh_, progress);
    if (settings_.kind == "registration") return fit_registration(optics(), progress);
    return settings_.kind == "spline" ? fit_splines(rings_, progress) : fit_formula(rings_, progress);
  }
  void rate(ChipModel& nominal) const {
    if (mesh_.plan != nullptr) return rate_nominal_mesh(mesh_, nominal);
    if (layer_ != nullptr && layer_->freespace() != nullptr)
      return rate_nominal_registration(optics(), nominal);
    rate_nominal(rings_, nominal);
  }

 private:
  [[nodiscard]] RegistrationInput optics() const {
    return {chip_, process_.freespace, *layer_->freespace(), settings_};
  }

  const platform::LayerPlan* layer_;
  const FitSettings& settings_;
  ChipFitInput rings_;
  MeshFitInput mesh_;
  const ChipCurves& chip_;
  const platform::Process& process_;
};

}  // namespace

void FitSettings::describe(Options& options) {
  options.group("Fit");
  options.choice(
      "model", kind, {"nominal", "lorentzian", "airy", "airy+crosstalk", "spline", "fringe", "registration"},
      "what to fit: nothing but design values; to each ring a Lorentzian in heater power, the ring's own "
      "formula, that with its neighbours' light and heat, or a smoothing spline; to each phase shifter of a "
      "mesh its fringe; to each display and camera where their planes lie, blur and gain");
  options.number(
      "bad-residual", bad_residual, "W",
      "rms residual above which an element is called bad: a weight, a share of a fringe's mean, or the "
      "light of one element of a display",
      Limits::positive());
  options.integer("knots", knots, "N", "knots of a spline", Limits::between(4, 1000));
}

Model fit(const Curves& curves, const platform::Process& process, std::vector<platform::LayerPlan> plans,
          const FitSettings& settings, Progress& progress) {
  const std::vector<std::string> unfit = platform::check_layers(plans, process);
  if (!unfit.empty()) throw UsageError(join(unfit, "; "));
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
    const ChipFit fit(chip, process, model.plans, settings);
    const auto designed = design_of(chip);
    if (settings.kind == "nominal" && designed != design.chips.end()) {
      fit.rate(*designed);
    } else if (suits(settings.kind, chip, model.plans)) {
      model.chips.push_back(fit.fit(progress));
    } else if (designed != design.chips.end()) {
      model.chips.push_back(repeated(*designed, chip.response.dim(0)));
    }
  }
  if (settings.kind == "nominal") model.chips = std::move(design.chips);
  return model;
}

}  // namespace pnn::model
