// Converts the phases of one mesh to the matrices (cells) that the kernel uses, and sums of the kernel to the
// gradients of the phases. Used in this folder only.
#pragma once

#include <span>
#include <vector>

#include "pnn/platforms/mzi/kernel.hpp"

namespace pnn::platforms::mzi {

/// The splitters of each MZI, as products of cosines and sines of π/4 + β1 and π/4 + β2, padded to whole
/// blocks of lanes. With e = e^{iθ}, f = e^{iφ} and index 1 for the splitter that light meets first, the cell
/// is
///   M = [[(cc e − ss) f, i (cs e + sc)], [i (sc e + cs) f, cc − ss e]],
/// cc = cos₂ cos₁, ss = sin₂ sin₁, cs = cos₂ sin₁, sc = sin₂ cos₁.
template <class Real>
struct MeshSplitters {
  std::vector<Real> cc, ss, cs, sc;
  std::vector<Real> top;    ///< cos₂²: power that the upper output gets from the upper inner arm
  std::vector<Real> cross;  ///< cos₂ sin₂

  explicit MeshSplitters(Index mzis);
  /// Takes the angle errors in rad, one for each MZI.
  void assign(std::span<const double> beta1, std::span<const double> beta2);
};

template <class Real>
MeshCells<Real> make_cells(Index modes, double loss_db);

/// Computes the cells of one mesh from its phases (in turns, within ±1/2, in the order of its controls).
template <class Real>
void fill_cells(const MeshSplitters<Real>& splitters, std::span<const Real> turns, MeshCells<Real>& cells);

/// Converts the sums of pull_tile to the gradients of the phases, in place and in the order of the mesh's
/// controls. `flux` is scratch memory of `modes` values.
///
/// With s_m = Σ Re(λ_m* i z_m), the derivative by a phase of mode m at that place, the derivative by φ is s
/// of the upper input, and that by θ, an inner phase, is cos₂² s_0 + sin₂² s_1 + cos₂ sin₂ Σ Re(λ_0* z_1 −
/// λ_1* z_0) at the outputs. An MZI conserves s_0 + s_1 (a common phase commutes with it), so that s of all
/// modes is carried back from the outputs without sums over lanes.
template <class Real>
void fold_sums(const RectangularMesh& mesh, const MeshSplitters<Real>& splitters, std::span<double> sums,
               std::span<double> flux);

}  // namespace pnn::platforms::mzi
