// One MZI in double: its matrix, and the phases for a given matrix. Used in this folder only.
#pragma once

#include <Eigen/Core>

namespace pnn::platforms::mzi {

/// The matrix M of mesh.hpp, lossless, with splitter errors β1 (met first) and β2; all in rad.
Eigen::Matrix2cd mzi_matrix(double theta, double phi, double beta1, double beta2);

/// A solution of wanted = diag(e^{i above}, e^{i below}) M(θ, φ; β1, β2).
struct SolvedMzi {
  double theta, phi;    ///< rad; θ in [0, 2π]
  double above, below;  ///< rad: phases that must follow on the outputs
  bool reached;         ///< false: M cannot divide light in this way, and θ is the nearest end of its range
};

/// Which of the two θ that divide light equally, θ or 2π − θ, is taken.
enum class ThetaBranch { up_to_half_turn, beyond_half_turn };

/// Solves for a unitary `wanted`. Its bar share |wanted_00|² determines θ, since |M_00|² = sin²(β1 + β2) + 4k
/// sin²(θ/2) and |M_01|² = sin²(β1 − β2) + 4k cos²(θ/2) with 4k = cos 2β1 cos 2β2; the phases of its entries
/// determine the rest.
SolvedMzi solve_mzi(const Eigen::Matrix2cd& wanted, double beta1, double beta2,
                    ThetaBranch branch = ThetaBranch::up_to_half_turn);

}  // namespace pnn::platforms::mzi
