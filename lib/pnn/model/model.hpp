// The imprecise digital twin: per chip, what was fitted or assumed, and how well it is known.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pnn/platform/bank.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::model {

/// One chip's model. D devices (1 unless fitted with --all), E elements: rings, the phases of a
/// mesh, the one display of a free-space system, or the masks of a diffractive network.
struct ChipModel {
  std::string key;
  std::vector<std::string> layers;
  std::string kind;  ///< nominal | lorentzian | airy | airy+crosstalk | spline | fringe | registration
  std::vector<std::string> elements;            ///< their names, E
  std::vector<std::string> parameters;          ///< names of the fitted parameters, K
  std::vector<std::string> units;               ///< K
  Array<double> values;                         ///< [D, E, K]
  Array<double> covariance;                     ///< [D, E, K, K]; zeros for nominal
  Array<double> rms_residual;                   ///< [D, E]; zeros for nominal without curves
  Array<double> crosstalk;                      ///< [D, 2]: χ, ℓ (airy+crosstalk only)
  Array<double> crosstalk_sigma;                ///< [D, 2]: their standard errors
  Array<double> knot_detuning_nm, knot_weight;  ///< [D, E, knots] (spline only)
  Array<double> gain_knots;                     ///< [D, E, knots] (registration only): FreespaceErrors::gain
  std::vector<std::string> remarks;  ///< E: a plain word on elements that fit badly, else empty (device 0)
};

struct Model {
  platform::Process process;               ///< nominal values and spreads, never the truth
  std::vector<platform::LayerPlan> plans;  ///< physical layers in network order
  std::vector<ChipModel> chips;
  [[nodiscard]] std::size_t devices() const {
    return chips.empty() || chips[0].values.dim(0) == 0 ? 1 : chips[0].values.dim(0);
  }
};

/// The model of nominal design values, for every chip of the plans.
Model nominal_model(std::vector<platform::LayerPlan> plans, const platform::Process& process);

/// Physics and rings that the model assumes for physical layer `plan` on device `index`.
/// (`index`: only airy+crosstalk has physics of its own a device). A fitted gain carries the sign of the
/// detector, so that the polarity is drop − thru for every kind whose curves have a gain. Throw UsageError
/// on a layer whose chip the model does not hold and on a device beyond those that it holds. Where the
/// model is of imported curves, rings take the measured elements in turn.
platform::BankPhysics model_physics(const Model& model, const platform::BankPlan& plan,
                                    std::size_t index = 0);
platform::RingParameters model_rings(const Model& model, const platform::BankPlan& plan, std::size_t index);

/// The key of a chip that stands for every chip of a network: curves measured elsewhere and imported.
inline constexpr const char* imported_chip = "import";
/// The remark on a ring that has no curve at all.
inline constexpr const char* unmeasured_remark =
    "not measured (no layer uses this ring): design values taken";
/// The remark on a phase shifter whose fringe no output shows.
inline constexpr const char* unseen_remark =
    "not measured (it changes no power at an output): design values taken";

/// "row 3 col 7" or, on a spatial bank, "tile 2 row 3 col 7": names of a plan's rings, in their order.
std::vector<std::string> ring_names(const platform::BankPlan& plan);
/// Names of the elements of any layer: its rings, the phases of its mesh, its display, its masks.
std::vector<std::string> element_names(const platform::LayerPlan& plan);

/// One map per physical layer, in network order.
template <class Real>
std::vector<std::unique_ptr<platform::TransferMap<Real>>> make_maps(const Model& model, std::size_t index);

}  // namespace pnn::model
