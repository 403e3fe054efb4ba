// What a training that samples chips samples them around.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pnn/model/model.hpp"
#include "pnn/platform/transfer_map.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::train {

/// Maps of the full physics at nominal values, one for each layer: what a chip drawn from the process
/// scatters about.
std::vector<std::unique_ptr<platform::TransferMap<float>>> process_maps(const model::Model& model);

/// The values around which a training samples its chips, in words: "design values", or "design values, not
/// the fit (KIND)" where the model has another kind than nominal. Empty for a training that samples none.
std::string drawn_around(const TrainSettings& settings, const model::Model& model);
/// Whether a training samples chips around other values than those that its model was fitted to.
bool samples_beside_fit(const TrainSettings& settings, const model::Model& model);

}  // namespace pnn::train
