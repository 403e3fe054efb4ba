// Which curves does a model expect where curves were measured?
#pragma once

#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"

namespace pnn::model {

/// The response of each measured ring alone (of airy+crosstalk without the light and the heat of its
/// neighbours) as the model's maps compute it, at the temperatures of the measurement, on `points` (two or
/// more) equal steps of current from the least to the greatest that was set. Names and order of chips,
/// elements and temperatures are those of the measurement; what was not measured is NaN here too, sigma is 0.
/// One model that stands for every device (nominal) does so here. Chips of other platforms are left out, as
/// are those that the model does not hold; throws UsageError where no chip of rings is left.
Curves predicted_curves(const Model& model, const Curves& measured, std::size_t points);

}  // namespace pnn::model
