#include "pnn/platforms/mzi/paths.hpp"

#include <utility>

namespace pnn::platforms::mzi {

namespace {

/// An input or an output, and the edges between it and here.
struct End {
  Index number = dark;
  int edges = 0;
};

std::vector<End> ends(Index modes) {
  std::vector<End> out;
  for (Index mode = 0; mode < modes; ++mode) out.push_back({mode, 0});
  return out;
}

}  // namespace

CrossedPaths crossed_paths(const MeshPlan& plan) {
  CrossedPaths paths;
  paths.mzis.resize(std::size_t(plan.mzis()));
  paths.attenuators.resize(std::size_t(plan.attenuators()));
  for (const bool forward : {true, false}) {
    std::vector<End> light = ends(forward ? plan.in : plan.out);
    for (int step = 0; step < plan.meshes(); ++step) {
      const int number = forward ? step : plan.meshes() - 1 - step;
      if (step == 1) {
        light.resize(std::size_t(plan.attenuators()));
        for (std::size_t k = 0; k < light.size(); ++k) {
          CrossedMode& at = paths.attenuators[k];
          (forward ? at.from : at.to) = light[k].number;
        }
        light.resize(std::size_t(forward ? plan.out : plan.in));
      }
      const auto meet = [&](Index mzi, const End& upper, const End& lower) {
        CrossedMzi& at = paths.mzis[std::size_t(plan.first_mzi(number) + mzi)];
        (forward ? at.from_above : at.to_above) = upper.number;
        (forward ? at.from_below : at.to_below) = lower.number;
        (forward ? at.edges_down : at.edges_up) += upper.edges;
        (forward ? at.edges_up : at.edges_down) += lower.edges;
      };
      follow_crossed(plan.mesh(number), forward, light, meet, [](End& end) { ++end.edges; });
    }
  }
  return paths;
}

}  // namespace pnn::platforms::mzi
