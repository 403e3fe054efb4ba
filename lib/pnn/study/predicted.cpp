#include "pnn/study/predicted.hpp"

#include <algorithm>

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

}  // namespace pnn::study
