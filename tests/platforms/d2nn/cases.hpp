// Plans of diffractive networks written in a line.
#pragma once

#include <utility>
#include <vector>

#include "pnn/platforms/d2nn/plan.hpp"

namespace pnn::test {

inline platforms::d2nn::Plan d2nn_plan(const platforms::d2nn::Plane& plane, std::vector<double> gaps_mm,
                                       std::vector<platforms::d2nn::DetectorRegion> detectors,
                                       double entry_mm = 0, Index levels = 0) {
  platforms::d2nn::Plan plan;
  plan.plane = plane;
  plan.gaps_mm = std::move(gaps_mm);
  plan.detectors = std::move(detectors);
  plan.entry_mm = entry_mm;
  plan.levels = levels;
  return plan;
}

}  // namespace pnn::test
