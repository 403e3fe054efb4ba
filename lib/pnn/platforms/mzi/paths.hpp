// The paths of light in a mesh without current: every MZI is in its cross state (θ = 0 up to its static
// error), so that light keeps its direction, up or down, until it meets an edge of the mesh. Characterisation
// starts here, since this state needs no calibration.
#pragma once

#include <utility>
#include <vector>

#include "pnn/platforms/mzi/plan.hpp"

namespace pnn::platforms::mzi {

/// There is no such input or output: modes of an `svd` layout beyond its attenuators.
inline constexpr Index dark = -1;

/// The two straight paths through one MZI, between inputs and outputs of the layer.
struct CrossedMzi {
  Index from_above = dark, from_below = dark;  ///< inputs whose light reaches its upper and its lower mode
  Index to_above = dark, to_below = dark;      ///< outputs that light of its upper and its lower mode reaches
  /// Number of edges on the path upwards (from below to above) and on the path downwards. Light that meets no
  /// edge reaches its MZI before all light that leaked on the way; of paths with edges, the one with fewer
  /// collects less of it.
  int edges_up = 0, edges_down = 0;
};

/// The input whose light reaches a mode between two meshes, and the output that the mode leads to.
struct CrossedMode {
  Index from = dark, to = dark;
};

/// The paths of all MZIs and attenuators.
struct CrossedPaths {
  std::vector<CrossedMzi> mzis;          ///< [MZI over all meshes]
  std::vector<CrossedMode> attenuators;  ///< [attenuator]
};
CrossedPaths crossed_paths(const MeshPlan& plan);

/// Carries `light` [mode] through one crossed mesh, towards its outputs or back towards its inputs.
/// at_mzi(MZI, upper, lower) receives what is on the upper and lower mode of each MZI, and may change it
/// before the two cross over; at_edge(light) is called where a mode passes a column without an MZI.
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

}  // namespace pnn::platforms::mzi
