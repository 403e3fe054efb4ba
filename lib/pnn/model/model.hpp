// The digital twin: for each chip, the fitted or assumed parameters and their uncertainties.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pnn/platform/bounds.hpp"
#include "pnn/platform/chip_model.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::model {

using platform::ChipModel;

/// The model of all chips of a network.
struct Model {
  platform::Process process;             ///< design values and spreads, never the ground truth
  std::vector<platform::AnyPlan> plans;  ///< plans of the physical layers, in the order of the network
  std::vector<ChipModel> chips;
  [[nodiscard]] std::size_t devices() const {
    return chips.empty() || chips[0].values.dim(0) == 0 ? 1 : chips[0].values.dim(0);
  }
};

/// The model `nominal`: design values for every chip of the plans.
Model nominal_model(std::vector<platform::AnyPlan> plans, const platform::Process& process);

/// The model of the chip on which a layer runs. Throws UsageError if there is no model of this chip, or none
/// of its device `index`.
const ChipModel& chip_of(const Model& model, const platform::LayerPlan& plan, std::size_t index);

/// The key of a chip that stands for every chip of a network: one with imported curves.
inline constexpr const char* imported_chip = "import";
/// Beginning of the remark on an element that has no curve and for which design values are taken.
inline constexpr const char* unmeasured = "not measured (";

/// Where controls may be on device `index` of a model, one for each physical layer: the range of the process,
/// narrowed to what was measured of each element unless `settings` extrapolate, to the owner's `limits`, to 0
/// (or what is nearest to it) for elements that do not respond, and to the value of each control that is
/// held. Throws UsageError as apply_limits and apply_fixed do, and InputError if an element was measured
/// outside the range of the process only.
std::vector<platform::ControlBounds> control_bounds(const Model& model, std::size_t index,
                                                    const platform::BoundSettings& settings = {},
                                                    const std::vector<std::string>& limits = {});
/// Whether what was measured narrows the range of some control of device `index`.
bool narrows_controls(const Model& model, std::size_t index);

/// The maps of device `index`, one for each physical layer, in the order of the network.
template <class Real>
std::vector<std::unique_ptr<platform::TransferMap<Real>>> make_maps(const Model& model, std::size_t index);

}  // namespace pnn::model
