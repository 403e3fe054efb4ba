#include "pnn/model/model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"

namespace pnn::model {
const ChipModel& chip_of(const Model& model, const platform::LayerPlan& plan, std::size_t index) {
  const auto found = std::find_if(model.chips.begin(), model.chips.end(), [&](const ChipModel& chip) {
    return chip.key == plan.chip_key() || chip.key == imported_chip;
  });
  if (found == model.chips.end()) {
    std::string known;
    for (const ChipModel& chip : model.chips) known += (known.empty() ? "" : ", ") + chip.key;
    throw UsageError("layer " + plan.name() + ": the model has no chip \"" + plan.chip_key() + "\" (it has " +
                     (known.empty() ? "none" : known) + "); fit a model of this network");
  }
  const std::size_t devices = found->values.dim(0);
  if (index >= devices) {
    throw UsageError(
        "the model holds " + std::to_string(devices) + " device(s), so device " + std::to_string(index) +
        " has no model; characterise and fit it, or name a device below " + std::to_string(devices));
  }
  return *found;
}

Model nominal_model(std::vector<platform::AnyPlan> plans, const platform::Process& process) {
  Model model;
  model.process = process;
  model.plans = std::move(plans);
  for (const platform::LayerPlan& plan : model.plans) {
    const std::string key = plan.chip_key();
    const auto same = [&](const ChipModel& chip) { return chip.key == key; };
    if (const auto known = std::find_if(model.chips.begin(), model.chips.end(), same);
        known != model.chips.end()) {
      known->layers.push_back(plan.name());
      continue;
    }
    platform::Design design = plan.design(process);
    ChipModel chip;
    chip.key = key;
    chip.layers = {plan.name()};
    chip.kind = "nominal";
    chip.elements = plan.element_names();
    const std::size_t elements = chip.elements.size(), count = design.values.size();
    chip.values = Array<double>({1, elements, count});
    for (std::size_t k = 0; k < chip.values.size(); ++k) chip.values.data[k] = design.values[k % count];
    chip.parameters = std::move(design.parameters);
    chip.units = std::move(design.units);
    chip.covariance = Array<double>({1, elements, count, count});
    chip.rms_residual = Array<double>({1, elements});
    chip.remarks.resize(elements);
    model.chips.push_back(std::move(chip));
  }
  return model;
}

namespace {

/// Narrows the bounds of a layer to what was measured of the elements of its chip.
void narrow_to_measured(const Model& model, const platform::LayerPlan& plan, std::size_t index,
                        platform::ControlBounds& bounds) {
  const ChipModel& chip = chip_of(model, plan, index);
  if (chip.measured.data.empty() || plan.periodic()) return;
  std::unique_ptr<platform::TransferMap<float>> map;
  plan.make_model_map(model.process, chip, index, map);
  const std::span<const std::uint32_t> elements = map->element_of_control();
  const std::span<const double> ends = chip.measured.slice(index);
  const auto dead = [&](std::size_t element) {
    return !chip.dead.data.empty() && chip.dead.slice(index)[element] > 0;
  };
  const platform::Source source = plan.source(model.process, {});
  // the ends of a sweep over the whole range are computed, and may miss it by their rounding
  const double slack = 1e-6 * (source.upper - source.lower);
  double common_lower = -std::numeric_limits<double>::infinity(), common_upper = source.lower - 1;
  for (std::size_t e = 0; e < chip.measured.dim(1); ++e) {
    if (std::isnan(ends[2 * e]) || std::isnan(ends[2 * e + 1]) || dead(e)) continue;
    const bool first = std::isinf(common_lower);
    common_lower = std::max(common_lower, ends[2 * e]);
    common_upper = first ? ends[2 * e + 1] : std::min(common_upper, ends[2 * e + 1]);
  }
  for (std::size_t k = 0; k < bounds.lower.size(); ++k) {
    const std::size_t element = elements[k] % chip.measured.dim(1);
    if (dead(element)) continue;
    const bool own = !std::isnan(ends[2 * element]) && !std::isnan(ends[2 * element + 1]);
    const double lower = own ? ends[2 * element] : common_lower,
                 upper = own ? ends[2 * element + 1] : common_upper;
    if (!own && !(lower <= upper)) continue;  // nothing was measured of any element, or of none the same
    const platform::FloatRange range = platform::inwards(lower, upper);
    if (lower > source.lower + slack) bounds.lower[k] = range.lower;
    if (upper < source.upper - slack) bounds.upper[k] = range.upper;
    if (!(bounds.lower[k] <= bounds.upper[k]))
      throw InputError("layer " + plan.name() + ": " + chip.elements[element] + " was measured from " +
                       format_number(lower) + " to " + format_number(upper) + " " +
                       plan.controls_port().unit + ", outside the range of the process, " +
                       format_number(source.lower) + " to " + format_number(source.upper) +
                       "; fit it with the range that it has (--set)");
  }
}

/// Holds the controls of elements that do not respond as near to 0 as their bounds allow: none is asked of
/// them.
void hold_dead(const Model& model, const platform::LayerPlan& plan, std::size_t index,
               platform::ControlBounds& bounds) {
  const ChipModel& chip = chip_of(model, plan, index);
  if (chip.dead.data.empty()) return;
  std::unique_ptr<platform::TransferMap<float>> map;
  plan.make_model_map(model.process, chip, index, map);
  const std::span<const std::uint32_t> elements = map->element_of_control();
  for (std::size_t k = 0; k < bounds.lower.size(); ++k)
    if (chip.dead.slice(index)[elements[k] % chip.dead.dim(1)] > 0)
      bounds.lower[k] = bounds.upper[k] = std::clamp(0.0F, bounds.lower[k], bounds.upper[k]);
}

}  // namespace

std::vector<platform::ControlBounds> control_bounds(const Model& model, std::size_t index,
                                                    const platform::BoundSettings& settings,
                                                    const std::vector<std::string>& limits) {
  std::vector<platform::ControlBounds> bounds = platform::source_bounds(model.plans, model.process);
  if (!settings.extrapolate) {
    for (std::size_t layer = 0; layer < bounds.size(); ++layer)
      narrow_to_measured(model, model.plans[layer], index, bounds[layer]);
  }
  platform::apply_limits(bounds, model.plans, limits);
  for (std::size_t layer = 0; layer < bounds.size(); ++layer)
    hold_dead(model, model.plans[layer], index, bounds[layer]);
  platform::apply_fixed(bounds, model.plans, settings.fixed);
  return bounds;
}

bool narrows_controls(const Model& model, std::size_t index) {
  platform::BoundSettings everywhere;
  everywhere.extrapolate = true;
  const auto whole = control_bounds(model, index, everywhere), bounds = control_bounds(model, index);
  for (std::size_t layer = 0; layer < whole.size(); ++layer)
    if (platform::narrower(bounds[layer], whole[layer])) return true;
  return false;
}

template <class Real>
std::vector<std::unique_ptr<platform::TransferMap<Real>>> make_maps(const Model& model, std::size_t index) {
  std::vector<std::unique_ptr<platform::TransferMap<Real>>> maps;
  for (const platform::LayerPlan& plan : model.plans)
    plan.make_model_map(model.process, chip_of(model, plan, index), index, maps.emplace_back());
  return maps;
}
template std::vector<std::unique_ptr<platform::TransferMap<float>>> make_maps(const Model&, std::size_t);
template std::vector<std::unique_ptr<platform::TransferMap<double>>> make_maps(const Model&, std::size_t);

}  // namespace pnn::model
