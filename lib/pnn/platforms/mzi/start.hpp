// Initial controls of a mesh, whose matrix is a Haar-random unitary.
#pragma once

#include <span>

#include "pnn/core/random.hpp"
#include "pnn/platforms/mzi/plan.hpp"

namespace pnn::platforms::mzi {

/// The exponent α of the Haar distribution of an MZI: the number of inputs that reach it plus the number of
/// outputs that it reaches, minus modes + 1 (Pai et al., Phys. Rev. Applied 11, 064044, 2019; Russell et al.,
/// New J. Phys. 19, 033007, 2017). It is 1 at the edges and largest in the middle.
Index haar_exponent(const RectangularMesh& mesh, Index mzi);

/// Samples initial controls (rad); each depends on its number and the address of the stream alone. The bar
/// share of power of an MZI, s = sin²(θ/2), has the density α (1 − s)^(α − 1); φ and ψ are uniform in [0,
/// 2π). Each mesh is then Haar-distributed. Attenuators (`svd`) are uniform in [0, π/2), which is our choice.
template <class Real>
void start_controls(const MeshPlan& plan, const Stream& stream, std::span<Real> controls);

}  // namespace pnn::platforms::mzi
