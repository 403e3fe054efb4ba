// Plans of diffractive networks written in a line.
#pragma once

#include <utility>
#include <vector>

#include "pnn/platform/d2nn_plan.hpp"

namespace pnn::test {

inline platform::D2nnPlan d2nn_plan(const platform::D2nnPlane& plane, std::vector<double> gaps_mm,
                                    std::vector<platform::DetectorRegion> detectors, double entry_mm = 0,
                                    Index levels = 0) {
  platform::D2nnPlan plan;
  plan.plane = plane;
  plan.gaps_mm = std::move(gaps_mm);
  plan.detectors = std::move(detectors);
  plan.entry_mm = entry_mm;
  plan.levels = levels;
  return plan;
}

}  // namespace pnn::test
