// Where light goes in a mesh without current: every MZI in its cross state (θ = 0, up to its static error),
// so that light keeps its direction, up or down, until it meets an edge of the mesh. What characterisation
// stands on: it needs no setting that would have to be known beforehand.
#pragma once

#include <utility>
#include <vector>

#include "pnn/platform/mesh_plan.hpp"

namespace pnn::platform {

/// No input leads here, or no output: modes of an `svd` layout beyond its attenuators.
inline constexpr Index dark = -1;

/// The two straight ways through one MZI, between inputs and outputs of the layer.
struct CrossedMzi {
  Index from_above = dark, from_below = dark;  ///< input whose light reaches its upper, lower mode
  Index to_above = dark, to_below = dark;      ///< output that its upper, lower mode leads to
  /// Edges on the way up (from below to above) and on the way down. Light that meets none reaches its MZI
  /// ahead of whatever leaked on the way; of the ways that meet some, the one with fewer collects less.
  int edges_up = 0, edges_down = 0;
};

struct CrossedMode {
  Index from = dark, to = dark;
};

struct CrossedPaths {
  std::vector<CrossedMzi> mzis;          ///< [MZI over all meshes]
  std::vector<CrossedMode> attenuators;  ///< [attenuator]
};
CrossedPaths crossed_paths(const MeshPlan& plan);

/// Carries `light` [mode] through one crossed mesh, towards its outputs or back towards its inputs.
/// at_mzi(MZI, upper, lower) sees what meets the upper and lower mode of each MZI, and may change it before
/// the two cross over; at_edge(light) is called where a mode passes a column without an MZI.
template <class Light, class AtMzi, class AtEdge>
void follow_crossed(const RectangularMesh& mesh, bool towards_outputs, std::vector<Light>& light,
                    const AtMzi& at_mzi, const AtEdge& at_edge) {
  for (Index step = 0; step < mesh.columns(); ++step) {
    const Index column = towards_outputs ? step : mesh.columns() - 1 - step;
    const Index first = RectangularMesh::first_mode(column), count = mesh.mzis_in_column(column);
    for (Index mode = 0; mode < mesh.modes; ++mode) {
      if (mode < first || mode >= first + 2 * count) at_edge(light[std::size_t(mode)]);
    }
    for (Index k = 0; k < count; ++k) {
      Light& upper = light[std::size_t(first + 2 * k)];
      Light& lower = light[std::size_t(first + 2 * k + 1)];
      at_mzi(mesh.first_mzi(column) + k, upper, lower);
      std::swap(upper, lower);
    }
  }
}

}  // namespace pnn::platform
