// From a matrix to the phases of a mesh: the decomposition of Clements et al. (Optica 3, 1460, 2016) in the
// convention of mesh.hpp, and the local correction of known splitter errors (Bandyopadhyay, Hamerly, Englund,
// Optica 8, 1247, 2021). In double; phases in rad in [0, 2π).
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "pnn/platform/mesh.hpp"
#include "pnn/platform/mesh_plan.hpp"

namespace pnn::platform {

using ComplexMatrix = Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A matrix as a map stores it (rows of Re, then rows of Im), [2 out, in] → [out, in].
template <class Real>
ComplexMatrix complex_matrix(ConstMatrixView<Real> stored);

/// Controls of one mesh (order: RectangularMesh) whose error-free, lossless matrix is the unitary U [N, N].
/// Error of the matrix: about N units in the last place, and as much as U fails to be unitary; of a matrix
/// far from unitary the result means nothing. Throws InternalError unless U is square.
std::vector<double> decompose(const ComplexMatrix& unitary);

/// Phases of one mesh with known splitter errors (rad, [MZI]) in place of `ideal` phases of an error-free
/// one, changed in place: θ and φ of each MZI so that it divides the light as the ideal one would, and the
/// phases that its outputs then lack are passed on to the next MZIs and to ψ. An MZI can realise a bar share
/// sin²(θ/2) between sin²(β1 + β2) and cos²(β1 − β2); one that cannot takes the nearest. Returns how many
/// could not: with none the mesh is exact.
Index correct_splitters(Index modes, std::span<const double> beta1, std::span<const double> beta2,
                        std::span<double> phases);

/// Controls that realise gain · W.
struct MeshProgram {
  std::vector<double> controls;  ///< [control_count], as the phases are to be: static errors, crosstalk and
                                 ///< drift are not taken into account
  double gain = 1;               ///< target ≈ gain · W(controls)
  double residual = 0;  ///< ‖target − gain · W‖ / ‖target‖ (Frobenius), with the splitter errors
  Index unreached = 0;  ///< MZIs that cannot divide light as they should
};

/// Programs a plan with a complex matrix [out, in]. `svd`: W = V2 Σ V1 by a singular value decomposition, the
/// largest singular value being the gain, so that attenuators stay within [0, 1]. `unitary`: the unitary
/// matrix nearest to the target (of its polar decomposition), with the gain that fits best; the residual says
/// what no unitary can do. A target of zeros gives gain 0. Splitter errors β of `errors` are corrected where
/// they can be; its phase errors do not enter. Throws UsageError where the plan cannot be or the shapes
/// differ, InputError for a target that is not finite.
MeshProgram program(const MeshPlan& plan, const ComplexMatrix& target, const MeshErrors& errors);
/// For an error-free mesh.
MeshProgram program(const MeshPlan& plan, const ComplexMatrix& target);
/// For a mesh as it is: controls in [0, 2π) that its static phase errors bring to the phases of such a
/// program. Crosstalk, loss and drift are not made up for.
template <class Real>
MeshProgram program(const Mesh<Real>& mesh, const ComplexMatrix& target);
/// Moves gain ≤ 1 of a program for `svd` into its attenuators, so that W itself is the target; a gain that
/// they cannot give, and that of `unitary`, stays.
void absorb_gain(const MeshPlan& plan, const MeshErrors& errors, MeshProgram& found);

}  // namespace pnn::platform
