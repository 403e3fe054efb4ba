// Programs a mesh: from a matrix to phases, by the decomposition of Clements et al. (Optica 3, 1460, 2016) in
// the convention of mesh.hpp, with the local correction of known splitter errors (Bandyopadhyay, Hamerly,
// Englund, Optica 8, 1247, 2021). In double; phases in rad in [0, 2π).
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "pnn/platforms/mzi/mesh.hpp"
#include "pnn/platforms/mzi/plan.hpp"

namespace pnn::platforms::mzi {

using ComplexMatrix = Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Converts a matrix as a map stores it (rows of Re, then rows of Im), [2 out, in], to a complex one [out,
/// in].
template <class Real>
ComplexMatrix complex_matrix(ConstMatrixView<Real> stored);

/// The controls of one mesh (in the order of RectangularMesh) whose error-free, lossless matrix is the
/// unitary U [N, N]. The error of the matrix is about N units in the last place, plus the amount by which U
/// fails to be unitary; for a matrix that is far from unitary the result has no meaning. Throws InternalError
/// unless U is square.
std::vector<double> decompose(const ComplexMatrix& unitary);

/// Changes `phases`, those of an error-free mesh, in place to those of a mesh with known splitter errors
/// (rad, [MZI]): θ and φ of each MZI so that it divides light as the ideal one does, while the phases that
/// its outputs then lack are passed on to the next MZIs and to ψ. An MZI can realise a bar share sin²(θ/2)
/// between sin²(β1 + β2) and cos²(β1 − β2); beyond that it takes the nearest value. Returns the number of
/// MZIs that could not reach theirs; if it is 0, the mesh is exact.
Index correct_splitters(Index modes, std::span<const double> beta1, std::span<const double> beta2,
                        std::span<double> phases);

/// Controls that realise a target as gain · W.
struct MeshProgram {
  /// [control_count], rad: phases without correction of static errors, crosstalk and drift
  std::vector<double> controls;
  double gain = 1;      ///< target ≈ gain · W(controls)
  double residual = 0;  ///< ‖target − gain · W‖ / ‖target‖ (Frobenius), with the splitter errors
  Index unreached = 0;  ///< number of MZIs that cannot divide light as they should
};

/// Programs a plan with a complex matrix [out, in]. With `svd`, W = V2 Σ V1 by a singular value
/// decomposition; the largest singular value becomes the gain, so that attenuators stay within [0, 1]. With
/// `unitary`, the unitary matrix nearest to the target (of its polar decomposition), with the gain that fits
/// best; the residual tells what no unitary matrix can do. A target of zeros has gain 0. The splitter errors
/// β of `errors` are corrected as far as possible; its phase errors are not used. Throws UsageError if the
/// plan is impossible or the shapes differ, InputError for a target that is not finite.
MeshProgram program(const MeshPlan& plan, const ComplexMatrix& target, const MeshErrors& errors);
/// The same for an error-free mesh.
MeshProgram program(const MeshPlan& plan, const ComplexMatrix& target);
/// The same for a mesh with errors: controls in [0, 2π) that its static phase errors change to the phases of
/// such a program. Crosstalk, loss and drift are not corrected.
template <class Real>
MeshProgram program(const Mesh<Real>& mesh, const ComplexMatrix& target);
/// Moves a gain ≤ 1 of a program for `svd` into the attenuators, so that W itself is the target. A gain
/// beyond their range stays, and so does that of `unitary`.
void absorb_gain(const MeshPlan& plan, const MeshErrors& errors, MeshProgram& found);

}  // namespace pnn::platforms::mzi
