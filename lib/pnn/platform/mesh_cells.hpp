// From the phases of one mesh to the cells that the kernel reads, and from the kernel's sums to the gradient
// of each phase. Private to the platform room.
#pragma once

#include <span>
#include <vector>

#include "pnn/platform/mesh_kernel.hpp"

namespace pnn::platform {

/// The splitters of each MZI as products of cosines and sines of π/4 + β1 and π/4 + β2, padded to whole
/// blocks of lanes. With e = e^{iθ}, f = e^{iφ} the cell is
///   M = [[(cc e − ss) f, i (cs e + sc)], [i (sc e + cs) f, cc − ss e]],
/// cc = cos₂ cos₁, ss = sin₂ sin₁, cs = cos₂ sin₁, sc = sin₂ cos₁ (1: met first).
template <class Real>
struct MeshSplitters {
  std::vector<Real> cc, ss, cs, sc;
  std::vector<Real> top;    ///< cos₂²: share of the upper output in the light of the upper inner arm
  std::vector<Real> cross;  ///< cos₂ sin₂

  explicit MeshSplitters(Index mzis);
  /// Angle errors in rad, one a MZI.
  void assign(std::span<const double> beta1, std::span<const double> beta2);
};

template <class Real>
MeshCells<Real> make_cells(Index modes, double loss_db);

/// Cells of the phases of one mesh (in turns, within ±1/2, in the order of its controls).
template <class Real>
void fill_cells(const MeshSplitters<Real>& splitters, std::span<const Real> turns, MeshCells<Real>& cells);

/// Gradients of the phases from the sums of pull_tile, in place: both in the order of the mesh's controls.
/// `flux` is scratch of `modes` values.
///
/// With s_m = Σ Re(λ_m* i z_m), the derivative by a phase of mode m at that place, the derivative by φ is s
/// of the upper input and that by θ, an inner phase, is cos₂² s_0 + sin₂² s_1 + cos₂ sin₂ Σ Re(λ_0* z_1 −
/// λ_1* z_0) at the outputs. An MZI keeps s_0 + s_1 (a common phase commutes with it), so s of all modes is
/// carried from the outputs back without a sum over lanes.
template <class Real>
void fold_sums(const RectangularMesh& mesh, const MeshSplitters<Real>& splitters, std::span<double> sums,
               std::span<double> flux);

}  // namespace pnn::platform
