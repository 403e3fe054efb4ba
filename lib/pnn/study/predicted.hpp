// Predicts, from a model, the curves of the elements that were measured.
#pragma once

#include "pnn/model/curves.hpp"
#include "pnn/model/model.hpp"

namespace pnn::study {

/// The response of each measured element as the model's maps compute it, at the temperatures of the
/// measurement and at `points` (two or more) equal steps of the control from the smallest to the largest
/// measured one. Names and order of chips, elements and temperatures are those of the measurement; elements
/// that were not measured are NaN, and sigma is 0. A model of one device (nominal) predicts the curves of
/// every device. Chips whose laboratory predicts no curves (PlatformLab::predicts) and chips without a model
/// are left out; throws UsageError if none is left.
model::Curves predicted_curves(const model::Model& model, const model::Curves& measured, std::size_t points);

}  // namespace pnn::study
