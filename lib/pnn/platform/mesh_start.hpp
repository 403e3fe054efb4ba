// Where a mesh starts: controls whose matrix is a Haar-random unitary.
#pragma once

#include <span>

#include "pnn/core/random.hpp"
#include "pnn/platform/mesh_plan.hpp"

namespace pnn::platform {

/// α of the Haar law of an MZI: the number of inputs that reach it plus the number of outputs that it
/// reaches, less modes + 1 (Pai et al., Phys. Rev. Applied 11, 064044, 2019; Russell et al., New J. Phys. 19,
/// 033007, 2017). 1 at the edges, largest in the middle.
Index haar_exponent(const RectangularMesh& mesh, Index mzi);

/// Start controls (rad), each a function of its number and of the stream's address alone. The share of power
/// that an MZI does not cross over, sin²(θ/2), has the density α (1 − s)^(α − 1); φ and ψ are uniform in
/// [0, 2π): each mesh is then Haar-distributed. Attenuators (`svd`): uniform in [0, π/2), ours.
template <class Real>
void start_controls(const MeshPlan& plan, const Stream& stream, std::span<Real> controls);

}  // namespace pnn::platform
