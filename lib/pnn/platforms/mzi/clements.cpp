#include "pnn/platforms/mzi/clements.hpp"

#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"
#include "pnn/core/phasor.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/platforms/mzi/interferometer.hpp"

namespace pnn::platforms::mzi {

namespace {

using Complex = std::complex<double>;

/// θ and φ of an error-free MZI.
struct Phases {
  double theta, phi;
};

/// Phases for which light (a, b) at the inputs of an MZI leaves at its lower output alone:
/// M_00 a + M_01 b = 0, so that sin(θ/2) e^{iφ} a = −cos(θ/2) b.
Phases dark_above(Complex a, Complex b) {
  return {2 * std::atan2(std::abs(b), std::abs(a)), std::arg(-b * std::conj(a))};
}

/// Phases for which it leaves at the upper one alone: cos(θ/2) e^{iφ} a = sin(θ/2) b.
Phases dark_below(Complex a, Complex b) {
  return {2 * std::atan2(std::abs(a), std::abs(b)), std::arg(b * std::conj(a))};
}

Index mzi_at(const RectangularMesh& mesh, Index column, Index upper) {
  return mesh.first_mzi(column) + (upper - mesh.first_mode(column)) / 2;
}

}  // namespace

std::vector<double> decompose(const ComplexMatrix& unitary) {
  require(unitary.rows() == unitary.cols(), "mesh: a unitary matrix is square");
  const RectangularMesh mesh{unitary.rows()};
  const Index n = mesh.modes;
  ComplexMatrix u = unitary;
  std::vector<double> phases(std::size_t(mesh.control_count()));
  const auto put = [&](Index mzi, const Phases& found) {
    phases[std::size_t(mesh.theta(mzi))] = wrap_phase(found.theta);
    phases[std::size_t(mesh.phi(mzi))] = wrap_phase(found.phi);
  };

  // Antidiagonals of the lower left triangle, from its corner, are made dark in turn from the input side (U
  // M^H, the MZI's place is in the first columns of the mesh) and from the output side (M U, in the last
  // columns).
  struct Placed {
    Index mzi, upper;
    Phases phases;
  };
  std::vector<Placed> at_outputs;
  for (Index diagonal = 0; diagonal + 1 < n; ++diagonal) {
    stop_if_asked();
    for (Index j = 0; j <= diagonal; ++j) {
      if (diagonal % 2 == 0) {
        const Index upper = diagonal - j, row = n - 1 - j;
        // row of U M^H: (U_u, U_l) M^H has its first entry conj(M_00 conj(U_u) + M_01 conj(U_l))
        const Phases found = dark_above(std::conj(u(row, upper)), std::conj(u(row, upper + 1)));
        const Eigen::Matrix2cd m = mzi_matrix(found.theta, found.phi, 0, 0);
        const Eigen::Matrix<Complex, Eigen::Dynamic, 2> turned = u.middleCols(upper, 2) * m.adjoint();
        u.middleCols(upper, 2) = turned;
        u(row, upper) = 0;
        put(mzi_at(mesh, j, upper), found);
      } else {
        const Index upper = n - 2 - diagonal + j, column = j;
        const Phases found = dark_below(u(upper, column), u(upper + 1, column));
        const Eigen::Matrix2cd m = mzi_matrix(found.theta, found.phi, 0, 0);
        const Eigen::Matrix<Complex, 2, Eigen::Dynamic> turned = m * u.middleRows(upper, 2);
        u.middleRows(upper, 2) = turned;
        u(upper + 1, column) = 0;
        at_outputs.push_back({mzi_at(mesh, n - 1 - j, upper), upper, found});
      }
    }
  }

  // Now M_L … U M_R^H … = D, a diagonal of phases between the two halves. Carried through M_L^H towards the
  // outputs, M_L^H D = D' M, it leaves MZIs of our form and ends as ψ.
  std::vector<double> pending(std::size_t(n), 0.0);
  for (Index m = 0; m < n; ++m) pending[std::size_t(m)] = std::arg(u(m, m));
  for (auto it = at_outputs.rbegin(); it != at_outputs.rend(); ++it) {
    double& above = pending[std::size_t(it->upper)];
    double& below = pending[std::size_t(it->upper + 1)];
    Eigen::Matrix2cd wanted = mzi_matrix(it->phases.theta, it->phases.phi, 0, 0).adjoint();
    wanted.col(0) *= std::polar(1.0, above);
    wanted.col(1) *= std::polar(1.0, below);
    const SolvedMzi solved = solve_mzi(wanted, 0, 0);
    put(it->mzi, {solved.theta, solved.phi});
    above = solved.above;
    below = solved.below;
  }
  for (Index m = 0; m < n; ++m) phases[std::size_t(mesh.psi(m))] = wrap_phase(pending[std::size_t(m)]);
  return phases;
}

Index correct_splitters(Index modes, std::span<const double> beta1, std::span<const double> beta2,
                        std::span<double> phases) {
  const RectangularMesh mesh{modes};
  require(beta1.size() == std::size_t(mesh.mzis()) && beta2.size() == beta1.size(),
          "mesh: two splitter errors an MZI");
  require(phases.size() == std::size_t(mesh.control_count()), "mesh: one phase a control");
  Index unreached = 0;
  std::vector<double> pending(std::size_t(modes), 0.0);
  for (Index mzi = 0; mzi < mesh.mzis(); ++mzi) {
    const auto k = std::size_t(mzi), upper = std::size_t(mesh.upper_mode(mzi));
    double& theta = phases[std::size_t(mesh.theta(mzi))];
    double& phi = phases[std::size_t(mesh.phi(mzi))];
    Eigen::Matrix2cd wanted = mzi_matrix(theta, phi, 0, 0);
    wanted.col(0) *= std::polar(1.0, pending[upper]);
    wanted.col(1) *= std::polar(1.0, pending[upper + 1]);
    const auto branch =
        wrap_phase(theta) > std::numbers::pi ? ThetaBranch::beyond_half_turn : ThetaBranch::up_to_half_turn;
    const SolvedMzi solved = solve_mzi(wanted, beta1[k], beta2[k], branch);
    theta = wrap_phase(solved.theta);
    phi = wrap_phase(solved.phi);
    pending[upper] = solved.above;
    pending[upper + 1] = solved.below;
    if (!solved.reached) ++unreached;
  }
  for (Index m = 0; m < modes; ++m) {
    double& psi = phases[std::size_t(mesh.psi(m))];
    psi = wrap_phase(psi + pending[std::size_t(m)]);
  }
  return unreached;
}

}  // namespace pnn::platforms::mzi
