#include "pnn/study/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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
    return known.name == kind && !known.of_spectra && (known.of_imports || chip.key != model::imported_chip);
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
  for (const FitKind& known : lab.kinds())
    if (!known.of_spectra) kinds.push_back(known.name);
  throw UsageError("--model " + kind + ": is not for curves of " + lab.platform().elements() + "; take " +
                   join(kinds, ", ") + " or nominal");
}

/// Least and largest control of the readings of each element, [device, element, end]; NaN where it has none.
Array<double> measured_ends(const ChipCurves& chip) {
  const std::size_t elements = chip.control.dim(0) * chip.control.dim(1);
  Array<double> ends({chip.control.dim(0), chip.control.dim(1), 2}, std::numeric_limits<double>::quiet_NaN());
  const std::size_t readings = elements > 0 ? chip.control.size() / elements : 0;
  for (std::size_t k = 0; k < chip.control.size(); ++k) {
    const double control = chip.control.data[k];
    if (!std::isfinite(control) || !std::isfinite(chip.response.data[k])) continue;
    double* const end = &ends.data[k / readings * 2];
    end[0] = std::isnan(end[0]) ? control : std::min(end[0], control);
    end[1] = std::isnan(end[1]) ? control : std::max(end[1], control);
  }
  return ends;
}

/// Tells of each element which of its parameters lie outside what the hardware can have, by more than three
/// of their standard errors.
void tell_impossible(const std::vector<PhysicalRange>& ranges, ChipModel& chip) {
  const std::size_t count = chip.parameters.size();
  for (const PhysicalRange& range : ranges) {
    const auto found = std::find(chip.parameters.begin(), chip.parameters.end(), range.parameter);
    if (found == chip.parameters.end()) continue;
    const auto k = std::size_t(found - chip.parameters.begin());
    for (std::size_t element = 0; element < chip.elements.size(); ++element) {
      const double value = chip.values.data[element * count + k],
                   slack = 3 * std::sqrt(chip.covariance.data[(element * count + k) * count + k]);
      if (value + slack >= range.least && value - slack <= range.most) continue;
      const double end = value < range.least ? range.least : range.most;
      chip.remarks[element] += (chip.remarks[element].empty() ? "" : "; ") + range.parameter + " " +
                               format_short(value, 3) + " is " + (value < end ? "below " : "above ") +
                               format_short(end, 3) + ": " + range.why;
    }
  }
}

/// Design values for as many devices as other chips were fitted of.
ChipModel repeated(ChipModel chip, std::size_t devices) {
  for (Array<double>* values : {&chip.values, &chip.covariance, &chip.rms_residual, &chip.chi_square,
                                &chip.noise, &chip.held_out, &chip.dead}) {
    if (values->data.empty()) continue;
    const std::vector<double> one = values->data;
    for (std::size_t k = 1; k < devices; ++k) values->data.insert(values->data.end(), one.begin(), one.end());
    values->shape[0] = devices;
  }
  return chip;
}

/// Refuses elements that the network needs and that have no curve, unless the settings say what they take.
void check_missing(const model::Curves& curves, const std::vector<platform::AnyPlan>& plans,
                   Missing missing) {
  if (missing != Missing::refuse) return;
  Complaints complaints("curves");
  for (const ChipCurves& chip : curves.chips) {
    const std::vector<bool> without = without_curve(chip, plans);
    const auto count = std::count(without.begin(), without.end(), true);
    if (count == 0) continue;
    const auto first = std::size_t(std::find(without.begin(), without.end(), true) - without.begin());
    complaints.add("chip \"" + chip.key + "\": " + std::to_string(count) +
                   " elements that the network needs have no curve (" + chip.elements[first] +
                   (count > 1 ? ", …" : "") + "); measure them, or say --missing design or --missing mean");
  }
  complaints.raise();
}

/// The mean over the elements that a chip's fit used, and their spread as the covariance.
void take_mean(ChipModel& chip, const std::vector<bool>& without, std::size_t device) {
  const std::size_t elements = chip.elements.size(), count = chip.parameters.size();
  std::vector<std::size_t> fitted;
  for (std::size_t element = 0; element < elements; ++element)
    if (!without[element] && !chip.remarks[element].starts_with(model::unmeasured)) fitted.push_back(element);
  if (fitted.empty()) return;
  const auto mean_of = [&](Array<double>& array, std::size_t entries, std::size_t element) {
    const std::size_t begin = device * elements * entries;
    for (std::size_t k = 0; k < entries; ++k) {
      double sum = 0;
      for (const std::size_t other : fitted) sum += array.data[begin + other * entries + k];
      array.data[begin + element * entries + k] = sum / double(fitted.size());
    }
  };
  for (std::size_t element = 0; element < elements; ++element) {
    if (!without[element]) continue;
    mean_of(chip.values, count, element);
    for (auto& [name, array] : chip.more)
      if (array.shape.size() == 3 && array.dim(1) == elements) mean_of(array, array.dim(2), element);
    const double* mean = &chip.values.data[(device * elements + element) * count];
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t l = 0; l < count; ++l) {
        double sum = 0;
        for (const std::size_t other : fitted) {
          const double* values = &chip.values.data[(device * elements + other) * count];
          sum += (values[k] - mean[k]) * (values[l] - mean[l]);
        }
        chip.covariance.data[((device * elements + element) * count + k) * count + l] =
            sum / std::max<double>(1, double(fitted.size()) - 1);
      }
    }
  }
}

/// Gives elements without a curve what the settings say, with a remark.
void fill_missing(const ChipCurves& curves, const std::vector<platform::AnyPlan>& plans, Missing missing,
                  ChipModel& chip) {
  const std::vector<bool> without = without_curve(curves, plans);
  if (std::find(without.begin(), without.end(), true) == without.end()) return;
  const bool mean = missing == Missing::mean;
  for (std::size_t device = 0; mean && device < chip.values.dim(0); ++device)
    take_mean(chip, without_curve(curves, plans, device), device);
  for (std::size_t element = 0; element < without.size(); ++element)
    if (without[element])
      chip.remarks[element] =
          std::string(model::unmeasured) + (mean ? "it has no curve): the mean of the measured ones taken"
                                                 : "it has no curve): design values taken");
}

}  // namespace

void FitSettings::describe(Options& options) {
  options.group("Fit");
  std::string what = "what to fit: nominal takes design values";
  for (const PlatformLab* lab : labs()) {
    for (const FitKind& known : lab->kinds()) what += "; " + known.name + " " + known.description;
  }
  options.choice("model", kind, model_kinds(), what);
  options.number(
      "bad-residual", bad_residual, "W",
      "rms residual above which an element is called bad, as a share of the range (half of it, the mean or "
      "the swing) that its platform fits, or where that has none the light of one element",
      Limits::positive());
  options.integer("knots", knots, "N", "knots of a spline", Limits::between(4, 1000)).idle = [this] {
    for (const PlatformLab* lab : labs())
      for (const FitKind& known : lab->kinds())
        if (known.name == kind && known.has_knots) return std::string();
    return "--model " + kind + " has no knots";
  };
  const auto of_spectra = [this] {
    for (const PlatformLab* lab : labs())
      for (const FitKind& known : lab->kinds())
        if (known.name == kind && known.of_spectra) return std::string();
    return "--model " + kind + " is not fitted to spectra";
  };
  Option& circumference = options.number(
      "circumference", circumference_um, "UM",
      "circumference of all resonators whose spectra are fitted: the group length becomes a group index",
      Limits::positive());
  circumference.later = true, circumference.idle = of_spectra;
  Option& all_pass_option =
      options.flag("all-pass", all_pass, "the resonators of the spectra have one coupler and no drop port");
  all_pass_option.later = true, all_pass_option.idle = of_spectra;
  const std::size_t first = options.all().size();
  placement.describe(options);
  options.idle_since(first, [this] { return PlacementSettings::idle(kind == "nominal"); });
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
  if (settings.kind != "nominal") check_missing(curves, plans, settings.placement.missing);

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
      if (lab.sweeps_controls() && chip.control.dim(0) == designed->values.dim(0))
        designed->measured = measured_ends(chip);
    } else if (suits(settings.kind, chip, model.plans)) {
      model.chips.push_back(lab.fit(input, progress));
      tell_impossible(lab.physical_ranges(process), model.chips.back());
      if (lab.sweeps_controls()) model.chips.back().measured = measured_ends(chip);
      fill_missing(chip, model.plans, settings.placement.missing, model.chips.back());
    } else if (designed != design.chips.end()) {
      model.chips.push_back(repeated(*designed, chip.response.dim(0)));
    }
  }
  if (settings.kind == "nominal") model.chips = std::move(design.chips);
  return model;
}

}  // namespace pnn::study
