// The inner loops of a mesh: light through one mesh, and gradients back, for a tile of signals side by side
// (lanes). Used in this folder only.
//
// A tile has `modes` complex amplitudes of up to tile_lanes signals, mode by mode: the real parts of all
// lanes, then the imaginary parts. Lanes do not mix, and sums over lanes have one order for any vector width.
//
// Loss is factored out of the columns: every MZI has the same amplitude transmission a, so that a column is a
// times (its lossless MZIs, and 1/a on modes without an MZI). Cells are therefore unitary, and are undone by
// their adjoint.
#pragma once

#include <vector>

#include "pnn/core/simd.hpp"
#include "pnn/platforms/contract.hpp"
#include "pnn/platforms/mzi/plan.hpp"

namespace pnn::platforms::mzi {

/// Number of lanes in a tile: for 64 modes of float, amplitudes and gradients take 64 KiB.
inline constexpr int tile_lanes = 64;
static_assert(tile_lanes % lane_block == 0);

/// Number of values in a tile of `modes` modes.
inline Index tile_size(Index modes) {
  return Index(2) * tile_lanes * modes;
}

/// One mesh at one operating point.
template <class Real>
struct MeshCells {
  RectangularMesh mesh;
  /// Real and imaginary parts of the lossless M_00, M_01, M_10, M_11 of every MZI, at entry · stride + MZI.
  std::vector<Real> entries;
  Index stride = 0;                  ///< number of MZIs, padded to whole blocks of lanes
  std::vector<Real> psi_re, psi_im;  ///< e^{iψ} [modes]
  Real amplitude = 1;                ///< amplitude transmission a of one MZI
  Real common = 1;                   ///< a^columns
};

/// z ← diag(e^{iψ}) C_{N−1} … C_0 z on the first `lanes` lanes (a multiple of lane_block).
template <class Real>
void propagate_tile(const MeshCells<Real>& cells, Real* z, int lanes);

/// From the outputs z and the gradients λ = ∂L/∂Re z + i ∂L/∂Im z there, λ ← the gradient at the inputs.
/// Destroys z. Adds to `sums`, in the order of the mesh's controls,
///   θ: Σ Re(λ_0* z_1 − λ_1* z_0) at the outputs of the MZI, φ: Σ Re(λ* iz) on its upper input,
///   ψ: Σ Re(λ* iz) on the mode's output,
/// each over the lanes. They do not depend on loss (λ grows as z shrinks); fold_sums in cells.hpp converts
/// them to the gradients of the phases.
template <class Real>
void pull_tile(const MeshCells<Real>& cells, Real* z, Real* lambda, int lanes, Real* sums);

/// The column of attenuators: z_k ← gain_k z_k, and z_k ← 0 for modes from `count` to `modes`.
template <class Real>
void attenuate_tile(const Real* gain, Index count, Index modes, Real* z, int lanes);

/// sums[k] += Σ Re(λ_k* z_k) over lanes, for the inputs z of the attenuators and the gradients λ at their
/// outputs.
template <class Real>
void overlap_tile(const Real* z, const Real* lambda, Index count, int lanes, Real* sums);

}  // namespace pnn::platforms::mzi
