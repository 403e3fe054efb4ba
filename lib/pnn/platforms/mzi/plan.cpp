#include "pnn/platforms/mzi/plan.hpp"

#include "pnn/core/errors.hpp"

namespace pnn::platforms::mzi {

ControlPlace MeshPlan::place_of(Index control) const {
  require(control >= 0 && control < control_count(), "mesh: a control is one of the plan's");
  const Index behind_first = control - first_attenuator();
  if (behind_first >= 0 && behind_first < attenuators()) {
    return {MeshControl::attenuator, 0, 0, behind_first};
  }
  const int number = behind_first < 0 ? 0 : 1;
  const RectangularMesh m = mesh(number);
  const Index local = control - first_control(number);
  if (local >= 2 * m.mzis()) return {MeshControl::psi, number, m.columns(), local - 2 * m.mzis()};
  const Index mzi = local % m.mzis(), column = m.column_of(mzi);
  return {local < m.mzis() ? MeshControl::theta : MeshControl::phi, number, column,
          mzi - m.first_mzi(column)};
}

Index MeshPlan::control_of(const ControlPlace& place) const {
  if (place.kind == MeshControl::attenuator) return first_attenuator() + place.index;
  const RectangularMesh m = mesh(place.mesh);
  const Index first = first_control(place.mesh);
  if (place.kind == MeshControl::psi) return first + m.psi(place.index);
  const Index mzi = m.first_mzi(place.column) + place.index;
  return first + (place.kind == MeshControl::theta ? m.theta(mzi) : m.phi(mzi));
}

void check_plan(const MeshPlan& plan) {
  const std::string name = plan.name.empty() ? "mesh" : plan.name;
  if (plan.out < 1 || plan.in < 1) {
    throw UsageError(name + ": expected at least one input and one output, found " + std::to_string(plan.in) +
                     " and " + std::to_string(plan.out));
  }
  if (plan.layout == MeshLayout::unitary && plan.out != plan.in) {
    throw UsageError(name + ": one mesh alone (layout unitary) has as many outputs as inputs, found " +
                     std::to_string(plan.out) + " and " + std::to_string(plan.in) + "; use layout svd");
  }
}

std::vector<std::string> phase_names(const MeshPlan& plan) {
  std::vector<std::string> names;
  for (Index k = 0; k < plan.control_count(); ++k) {
    const ControlPlace place = plan.place_of(k);
    std::string name = plan.meshes() > 1 && place.kind != MeshControl::attenuator
                           ? "mesh " + std::to_string(place.mesh + 1) + " "
                           : std::string();
    const Index upper = RectangularMesh::first_mode(place.column) + 2 * place.index;
    switch (place.kind) {
      case MeshControl::theta:
      case MeshControl::phi:
        name += std::string(place.kind == MeshControl::theta ? "theta" : "phi") + " col " +
                std::to_string(place.column) + " modes " + std::to_string(upper) + "-" +
                std::to_string(upper + 1);
        break;
      case MeshControl::psi:
        name += "psi mode " + std::to_string(place.index);
        break;
      case MeshControl::attenuator:
        name += "alpha mode " + std::to_string(place.index);
        break;
    }
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace pnn::platforms::mzi
