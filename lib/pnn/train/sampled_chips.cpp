#include "pnn/train/sampled_chips.hpp"

#include <set>

#include "pnn/core/text.hpp"
#include "pnn/platform/truth.hpp"

namespace pnn::train {
namespace {

std::set<std::string> fitted_kinds(const model::Model& model) {
  std::set<std::string> kinds;
  for (const model::ChipModel& chip : model.chips)
    if (chip.kind != "nominal") kinds.insert(chip.kind);
  return kinds;
}

}  // namespace

std::vector<std::unique_ptr<platform::TransferMap<float>>> process_maps(const model::Model& model) {
  std::vector<std::unique_ptr<platform::TransferMap<float>>> maps;
  for (const platform::LayerPlan& plan : model.plans) {
    maps.push_back(platform::make_device_map<float>(plan, model.process, plan.nominal_truth(model.process)));
  }
  return maps;
}

bool samples_beside_fit(const TrainSettings& settings, const model::Model& model) {
  return settings.draws_chips() && !fitted_kinds(model).empty();
}

std::string drawn_around(const TrainSettings& settings, const model::Model& model) {
  if (!settings.draws_chips()) return {};
  const std::set<std::string> fits = fitted_kinds(model);
  return fits.empty() ? "design values"
                      : "design values, not the fit (" +
                            join(std::vector<std::string>(fits.begin(), fits.end()), ", ") + ")";
}

}  // namespace pnn::train
