// Predicts, from a model, the curves of the elements that were measured.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

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

/// For a laboratory that predicts curves: chip, elements and temperatures of `measured`, and NaN at `points`
/// (two or more) points of each curve.
model::ChipCurves curves_like(const model::ChipCurves& measured, std::size_t points);

/// The smallest and largest control that was set and gave a response, in curve number `curve` of a chip (in
/// the order [device, element, temperature]); nothing if there is none.
std::optional<std::pair<double, double>> measured_range(const model::ChipCurves& measured, std::size_t curve);

}  // namespace pnn::study
