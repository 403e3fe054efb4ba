#include "pnn/model/model.hpp"

#include <algorithm>

#include "pnn/core/errors.hpp"

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
