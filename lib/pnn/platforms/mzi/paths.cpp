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

void meet_edge(End& end) {
  ++end.edges;
}

}  // namespace

CrossedPaths crossed_paths(const MeshPlan& plan) {
  CrossedPaths paths;
  paths.mzis.resize(std::size_t(plan.mzis()));
  paths.attenuators.resize(std::size_t(plan.attenuators()));
  const auto mzi_of = [&](int number, Index mzi) -> CrossedMzi& {
    return paths.mzis[std::size_t(plan.first_mzi(number) + mzi)];
  };

  std::vector<End> light = ends(plan.in);
  for (int number = 0; number < plan.meshes(); ++number) {
    if (number == 1) {
      light.resize(std::size_t(plan.attenuators()));
      for (std::size_t k = 0; k < light.size(); ++k) paths.attenuators[k].from = light[k].number;
      light.resize(std::size_t(plan.out));
    }
    const auto arrive = [&](Index mzi, const End& upper, const End& lower) {
      CrossedMzi& at = mzi_of(number, mzi);
      at.from_above = upper.number, at.from_below = lower.number;
      at.edges_down += upper.edges, at.edges_up += lower.edges;
    };
    follow_crossed(plan.mesh(number), true, light, arrive, meet_edge);
  }

  light = ends(plan.out);
  for (int number = plan.meshes() - 1; number >= 0; --number) {
    if (number == 0 && plan.meshes() > 1) {
      light.resize(std::size_t(plan.attenuators()));
      for (std::size_t k = 0; k < light.size(); ++k) paths.attenuators[k].to = light[k].number;
      light.resize(std::size_t(plan.in));
    }
    const auto leave = [&](Index mzi, const End& upper, const End& lower) {
      CrossedMzi& at = mzi_of(number, mzi);
      at.to_above = upper.number, at.to_below = lower.number;
      at.edges_up += upper.edges, at.edges_down += lower.edges;
    };
    follow_crossed(plan.mesh(number), false, light, leave, meet_edge);
  }
  return paths;
}

}  // namespace pnn::platforms::mzi
