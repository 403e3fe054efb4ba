#include "pnn/platforms/mzi/start.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/core/errors.hpp"

namespace pnn::platforms::mzi {

namespace {

/// Modes within `columns` columns of the pair (upper, upper + 1): the cone of light widens by one a column.
Index modes_reached(Index modes, Index upper, Index columns) {
  return std::min(modes - 1, upper + 1 + columns) - std::max<Index>(0, upper - columns) + 1;
}

}  // namespace

Index haar_exponent(const RectangularMesh& mesh, Index mzi) {
  const Index column = mesh.column_of(mzi), upper = mesh.upper_mode(mzi);
  return modes_reached(mesh.modes, upper, column) +
         modes_reached(mesh.modes, upper, mesh.columns() - 1 - column) - mesh.modes - 1;
}

template <class Real>
void start_controls(const MeshPlan& plan, const Stream& stream, std::span<Real> controls) {
  require(controls.size() == std::size_t(plan.control_count()), "mesh: one start a control");
  using std::numbers::pi;
  const auto draw = [&](Index control, const auto& law) {
    controls[std::size_t(control)] = Real(law(uniform(stream, std::uint32_t(control))));
  };
  for (int number = 0; number < plan.meshes(); ++number) {
    const RectangularMesh mesh = plan.mesh(number);
    const Index first = plan.first_control(number);
    for (Index mzi = 0; mzi < mesh.mzis(); ++mzi) {
      const double power = 0.5 / double(haar_exponent(mesh, mzi));
      // 1 − s = u^(1/α) is the crossed share cos²(θ/2)
      draw(first + mesh.theta(mzi), [&](double u) { return 2 * std::acos(std::pow(u, power)); });
      draw(first + mesh.phi(mzi), [](double u) { return 2 * pi * u; });
    }
    for (Index mode = 0; mode < mesh.modes; ++mode) {
      draw(first + mesh.psi(mode), [](double u) { return 2 * pi * u; });
    }
  }
  for (Index k = 0; k < plan.attenuators(); ++k) {
    draw(plan.first_attenuator() + k, [](double u) { return pi / 2 * u; });
  }
}

template void start_controls(const MeshPlan&, const Stream&, std::span<float>);
template void start_controls(const MeshPlan&, const Stream&, std::span<double>);

}  // namespace pnn::platforms::mzi
