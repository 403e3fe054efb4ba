#include "pnn/study/spectral_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {
namespace {

/// Curves of one reading each, the number of the element, with which place_curves() says where it belongs.
model::Curves numbered(const model::ChipModel& chip) {
  model::ChipCurves curves;
  curves.key = chip.key;
  curves.elements = chip.elements;
  curves.temperature_c = {0};
  const std::size_t elements = chip.elements.size();
  curves.control = curves.sigma = curves.response = Array<double>({1, elements, 1, 1}, 0.0);
  for (std::size_t k = 0; k < elements; ++k) curves.response.data[k] = double(k);
  model::Curves all;
  all.chips.push_back(std::move(curves));
  return all;
}

/// A chip of the network with the elements that were found, and design values, or the mean, where none was.
model::ChipModel placed(const model::ChipModel& found, const model::ChipCurves& places,
                        const model::ChipModel& design, const std::vector<bool>& without, Missing missing) {
  model::ChipModel chip = found;
  chip.key = places.key, chip.layers = places.layers, chip.elements = places.elements;
  const std::size_t elements = chip.elements.size(), count = chip.parameters.size();
  chip.values = Array<double>({1, elements, count}, 0.0);
  chip.covariance = Array<double>({1, elements, count, count}, 0.0);
  chip.rms_residual = Array<double>({1, elements}, 0.0);
  if (!found.measured.data.empty())
    chip.measured = Array<double>({1, elements, 2}, std::numeric_limits<double>::quiet_NaN());
  chip.remarks.assign(elements, "");
  for (std::size_t e = 0; e < elements; ++e) {
    const double place = places.response.data[e];
    if (std::isnan(place)) {
      for (std::size_t k = 0; k < count; ++k) {
        double sum = 0;
        for (std::size_t from = 0; from < found.elements.size(); ++from)
          sum += found.values.data[from * count + k];
        const std::size_t same =
            std::size_t(std::find(design.parameters.begin(), design.parameters.end(), chip.parameters[k]) -
                        design.parameters.begin());
        const bool designed = missing != Missing::mean && same < design.parameters.size();
        chip.values.data[e * count + k] =
            designed ? design.values.data[e % design.values.dim(1) * design.parameters.size() + same]
                     : sum / double(found.elements.size());
      }
      if (without[e])
        chip.remarks[e] =
            std::string(model::unmeasured) + "it has no spectrum): " +
            (missing == Missing::mean ? "the mean of the measured ones taken" : "design values taken");
      continue;
    }
    const auto from = std::size_t(place);
    std::copy_n(&found.values.data[from * count], count, &chip.values.data[e * count]);
    std::copy_n(&found.covariance.data[from * count * count], count * count,
                &chip.covariance.data[e * count * count]);
    chip.rms_residual.data[e] = found.rms_residual.data[from];
    if (!found.measured.data.empty())
      std::copy_n(&found.measured.data[2 * from], 2, &chip.measured.data[2 * e]);
    chip.remarks[e] = found.remarks[from];
  }
  return chip;
}

}  // namespace

model::Model fit_spectra(const SpectraInput& input, const platform::Process& process,
                         std::vector<platform::AnyPlan> plans, const ElementMap& map,
                         std::vector<std::string>& notes) {
  const std::string& kind = input.settings.kind;
  const PlacementSettings& settings = input.settings.placement;
  std::vector<std::string> kinds;
  for (const PlatformLab* lab : labs())
    for (const FitKind& known : lab->kinds())
      if (known.of_spectra) kinds.push_back(known.name);
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end())
    throw UsageError("--model " + kind + ": is not fitted to spectra; take " + join(kinds, ", "));
  const PlatformLab& lab = *lab_of_kind(kind);
  model::Model model;
  model.process = process;
  model.chips.push_back(lab.fit_spectra(input, model.process, notes));
  if (const std::vector<std::string> wrong = platform::check_process(model.process); !wrong.empty())
    throw UsageError("the process that the spectra tell is none of these devices: " + join(wrong, "; ") +
                     "; state what it really is with --set");
  model.plans = std::move(plans);
  if (model.plans.empty() || settings.repeat) return model;
  const model::ChipModel found = std::move(model.chips.front());
  Placement places = place_curves(numbered(found), lab.platform(), model.plans, settings, map, input.where);
  notes.insert(notes.end(), places.notes.begin(), places.notes.end());
  const model::Model design = model::nominal_model(model.plans, model.process);
  model.chips.clear();
  for (const model::ChipModel& chip : design.chips) {
    const auto same = std::find_if(places.curves.chips.begin(), places.curves.chips.end(),
                                   [&](const model::ChipCurves& curves) { return curves.key == chip.key; });
    model.chips.push_back(
        same == places.curves.chips.end()
            ? chip
            : placed(found, *same, chip, without_curve(*same, model.plans), settings.missing));
  }
  return model;
}

}  // namespace pnn::study
