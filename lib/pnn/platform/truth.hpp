// The hidden values of a chip, whatever its platform: their names, their drawing, and the map that they make.
// What a device is, as against what a model knows of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pnn/platform/layer_plan.hpp"
#include "pnn/platform/process.hpp"
#include "pnn/platform/transfer_map.hpp"

namespace pnn::platform {

/// One kind of hidden value of a layer's chip: what stands under /truth of a device file.
struct TruthField {
  std::string name;         ///< "delta"
  std::string axis;         ///< what it is counted over: "ring", "phase", "interferometer"
  std::string unit;         ///< "nm"
  std::string description;  ///< one sentence
};
const std::vector<TruthField>& truth_fields(const LayerPlan& plan);
/// Those of every platform, for the description of the file.
std::vector<TruthField> all_truth_fields();
/// How many values the chip of a layer has of each field.
std::vector<std::size_t> truth_sizes(const LayerPlan& plan);

/// Values of one chip, a vector a field, in the order of truth_fields.
using Truth = std::vector<std::vector<double>>;

/// A chip as designed: no spread.
Truth nominal_truth(const LayerPlan& plan, const Process& process);
/// A chip drawn from the process, addressed by (seed, purpose, chip, device, step).
Truth draw_truth(const LayerPlan& plan, const Process& process, std::uint64_t seed, int purpose,
                 std::uint16_t chip, std::uint32_t device, std::uint32_t step);

/// The gamma of a free-space layer's display.
double display_gamma(const Truth& truth);

/// The full physics of a layer on a chip: all crosstalk, loss and errors.
template <class Real>
std::unique_ptr<TransferMap<Real>> make_device_map(const LayerPlan& plan, const Process& process,
                                                   const Truth& truth);
/// Another chip under the same map, without allocation of map memory. `map` was made by make_device_map of
/// this plan.
template <class Real>
void exchange_truth(TransferMap<Real>& map, const LayerPlan& plan, const Truth& truth);

}  // namespace pnn::platform
