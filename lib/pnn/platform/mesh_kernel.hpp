// Light through one mesh, and gradients back, for a tile of lanes: the inner loops. Private to the platform
// room.
//
// A tile holds `modes` complex amplitudes of up to tile_lanes signals, mode by mode: real parts of all lanes,
// then imaginary parts. Lanes never mix, and sums over them are taken in one order whatever the processor's
// vectors hold.
//
// Loss is taken out of the columns: every MZI loses the same amplitude a, so a column is a times (its
// lossless MZIs, and 1/a on a mode that it does not hold). The cells are unitary, and are undone by their
// adjoint.
#pragma once

#include <vector>

#include "pnn/core/simd.hpp"
#include "pnn/platform/mesh_plan.hpp"

namespace pnn::platform {

/// Lanes of a tile: 64 modes of floats, amplitudes and gradients, are 64 KiB.
inline constexpr int tile_lanes = 64;
static_assert(tile_lanes % lane_block == 0);

/// Values of a tile of `modes` modes.
inline Index tile_size(Index modes) {
  return Index(2) * tile_lanes * modes;
}

/// One mesh at one operating point.
template <class Real>
struct MeshCells {
  RectangularMesh mesh;
  /// Real and imaginary parts of the lossless M_00, M_01, M_10, M_11 of every MZI: entry · stride + MZI.
  std::vector<Real> entries;
  Index stride = 0;                  ///< MZIs, padded to whole blocks of lanes
  std::vector<Real> psi_re, psi_im;  ///< e^{iψ} [modes]
  Real amplitude = 1;                ///< a of one MZI
  Real common = 1;                   ///< a^columns
};

/// z ← diag(e^{iψ}) C_{N−1} … C_0 z on the first `lanes` lanes (a multiple of lane_block).
template <class Real>
void propagate_tile(const MeshCells<Real>& cells, Real* z, int lanes);

/// From outputs z and gradients λ = ∂L/∂Re z + i ∂L/∂Im z there: λ ← the gradient at the inputs. Destroys z.
/// Adds to `sums`, in the order of the mesh's controls,
///   θ: Σ Re(λ_0* z_1 − λ_1* z_0) at the outputs of the MZI, φ: Σ Re(λ* iz) on its upper input,
///   ψ: Σ Re(λ* iz) on the mode's output,
/// each over the lanes. These do not depend on loss (λ grows as z shrinks), and the gradient of every phase
/// follows from them: fold_sums in mesh_cells.hpp.
template <class Real>
void pull_tile(const MeshCells<Real>& cells, Real* z, Real* lambda, int lanes, Real* sums);

/// The column of attenuators: z_k ← gain_k z_k, and darkness from mode `count` up to `modes`.
template <class Real>
void attenuate_tile(const Real* gain, Index count, Index modes, Real* z, int lanes);

/// sums[k] += Σ Re(λ_k* z_k) over lanes for the attenuators' inputs z and the gradients λ at their outputs.
template <class Real>
void overlap_tile(const Real* z, const Real* lambda, Index count, int lanes, Real* sums);

}  // namespace pnn::platform
