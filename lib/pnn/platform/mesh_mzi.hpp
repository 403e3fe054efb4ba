// One MZI in double: its matrix, and the phases that give a wanted one. Private to the platform room.
#pragma once

#include <Eigen/Core>

namespace pnn::platform {

/// M of mesh.hpp, lossless, with splitter errors β1 (met first) and β2; all in rad.
Eigen::Matrix2cd mzi_matrix(double theta, double phi, double beta1, double beta2);

/// wanted = diag(e^{i above}, e^{i below}) M(θ, φ; β1, β2).
struct SolvedMzi {
  double theta, phi;    ///< rad; θ in [0, 2π]
  double above, below;  ///< rad: what the outputs lack
  bool reached;         ///< false: M cannot divide light so; θ is the nearest end of its range
};

/// Which of the two θ that divide light alike, θ and 2π − θ, is taken.
enum class ThetaBranch { up_to_half_turn, beyond_half_turn };

/// Solves for a unitary `wanted`: its bar share |wanted_00|² fixes θ, since |M_00|² = sin²(β1 + β2) + 4k
/// sin²(θ/2) and |M_01|² = sin²(β1 − β2) + 4k cos²(θ/2), 4k = cos 2β1 cos 2β2; the phases of its entries fix
/// the rest.
SolvedMzi solve_mzi(const Eigen::Matrix2cd& wanted, double beta1, double beta2,
                    ThetaBranch branch = ThetaBranch::up_to_half_turn);

}  // namespace pnn::platform
