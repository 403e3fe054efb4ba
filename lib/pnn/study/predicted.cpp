#include "pnn/study/predicted.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/study/lab.hpp"

namespace pnn::study {

model::Curves predicted_curves(const model::Model& model, const model::Curves& measured, std::size_t points) {
  model::Curves out;
  for (const model::ChipCurves& curves : measured.chips) {
    const auto known = std::find_if(model.chips.begin(), model.chips.end(),
                                    [&](const model::ChipModel& chip) { return chip.key == curves.key; });
    if (known == model.chips.end()) continue;
    const PlatformLab& lab = lab_of_chip(curves, known->kind, model.plans);
    if (!lab.predicts()) continue;
    if (!curves.conditions.empty())
      throw UsageError("--predicted: the curves of " + curves.key + " were taken under " +
                       text_of(curves.conditions) + ", and predicted curves are of undisturbed chips");
    require(known->elements.size() == curves.elements.size(), "a model has an element for each curve");
    out.chips.push_back(lab.predicted(model.process, *known, curves, points));
  }
  if (out.chips.empty()) {
    std::vector<std::string> elements;
    for (const PlatformLab* lab : labs())
      if (lab->predicts()) elements.push_back(lab->platform().elements());
    throw UsageError("--predicted: is of curves of " + join(elements, " or ") +
                     ", and none of these chips has any");
  }
  return out;
}

model::ChipCurves curves_like(const model::ChipCurves& measured, std::size_t points) {
  require(points >= 2, "a curve has two ends");
  std::vector<std::size_t> shape = measured.response.shape;
  shape.at(3) = points;
  model::ChipCurves out;
  out.key = measured.key;
  out.layers = measured.layers;
  out.platform = measured.platform;
  out.elements = measured.elements;
  out.temperature_c = measured.temperature_c;
  out.control_unit = measured.control_unit;
  out.control = out.response = out.sigma =
      Array<double>(std::move(shape), std::numeric_limits<double>::quiet_NaN());
  return out;
}

std::optional<std::pair<double, double>> measured_range(const model::ChipCurves& measured,
                                                        std::size_t curve) {
  const std::size_t samples = measured.response.dim(3);
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (std::size_t k = curve * samples; k < (curve + 1) * samples; ++k) {
    const double control = measured.control.data[k];
    if (!std::isfinite(control) || !std::isfinite(measured.response.data[k])) continue;
    least = std::min(least, control), greatest = std::max(greatest, control);
  }
  if (least > greatest) return std::nullopt;
  return std::pair{least, greatest};
}

}  // namespace pnn::study
