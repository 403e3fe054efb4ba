// Physics of a mesh from its process, and draws of what fabrication does to its parts.
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platform/spread.hpp"
#include "pnn/platforms/mzi/mesh.hpp"

namespace pnn::platforms::mzi {

namespace {

/// Streams of a layer's parts, sixteen a layer: append, never renumber. V2 of an `svd` layout has its own, so
/// that its numbers do not depend on the size of V1. `common` and `smooth` are those of the die.
enum Part : std::uint16_t {
  beta1,
  beta2,
  theta,
  phi,
  psi,
  attenuator,
  common,
  smooth,
  second_mesh = 8,
  parts = 16
};

/// Where parts lie on a die, in points of half an MZI: row = upper mode; columns from the first to the last
/// light, φ and the splitter behind it at an even point, θ and the second splitter at the odd one next to it,
/// then ψ, and for `svd` the attenuators and the second mesh.
struct DieGrid {
  const MeshPlan& plan;
  [[nodiscard]] Index rows() const { return std::max(plan.in, plan.out); }
  [[nodiscard]] Index begin(int mesh) const { return mesh == 0 ? 0 : 2 * plan.mesh(0).columns() + 2; }
  [[nodiscard]] Index cols() const {
    const int last = plan.meshes() - 1;
    return begin(last) + 2 * plan.mesh(last).columns() + 1;
  }
  [[nodiscard]] std::size_t point(Index row, Index col) const { return std::size_t(row * cols() + col); }
  [[nodiscard]] std::size_t splitter(int mesh, Index mzi, Index half) const {
    const RectangularMesh m = plan.mesh(mesh);
    return point(m.upper_mode(mzi), begin(mesh) + 2 * m.column_of(mzi) + half);
  }
  [[nodiscard]] std::size_t control(Index control) const {
    const ControlPlace place = plan.place_of(control);
    const Index first = begin(place.mesh), last = first + 2 * plan.mesh(place.mesh).columns();
    if (place.kind == MeshControl::psi) return point(place.index, last);
    if (place.kind == MeshControl::attenuator) return point(place.index, begin(0) + 2 * plan.in + 1);
    return point(RectangularMesh::first_mode(place.column) + 2 * place.index,
                 first + 2 * place.column + (place.kind == MeshControl::theta ? 1 : 0));
  }
};

/// Gives the parts of a die what they have in common. All errors have a variance of 1 so far.
void correlate_die(const Process& process, const MeshPlan& plan, const Stream& of_die, const Stream& over_die,
                   MeshErrors& errors) {
  const SpreadShares split{process.split_die, process.split_smooth},
      phase{process.phase_die, process.phase_smooth};
  if (split.independent() && phase.independent()) return;
  const DieGrid grid{plan};
  std::optional<platform::SmoothField> field;
  if (split.smooth > 0 || phase.smooth > 0)
    field.emplace(grid.rows(), grid.cols(), 0.5, process.correlation_length);
  std::vector<double> values;
  if (split.smooth > 0) field->sample(over_die, 0, values);
  for (int mesh = 0; mesh < plan.meshes(); ++mesh) {
    const auto first = std::size_t(plan.first_mzi(mesh)), count = std::size_t(plan.mesh(mesh).mzis());
    for (const Index half : {0, 1}) {
      platform::correlate(
          split, normal(of_die, 0), values,
          [&](std::size_t mzi) { return grid.splitter(mesh, Index(mzi), half); },
          std::span(half == 0 ? errors.beta1 : errors.beta2).subspan(first, count));
    }
  }
  if (phase.smooth > 0) field->sample(over_die, field->numbers(), values);
  platform::correlate(
      phase, normal(of_die, 1), values, [&](std::size_t control) { return grid.control(Index(control)); },
      errors.phase);
}

}  // namespace

MeshPhysics full_physics(const Process& process) {
  MeshPhysics physics = ideal_physics(process);
  physics.crosstalk = process.crosstalk;
  physics.crosstalk_length = process.crosstalk_length;
  physics.loss_db = process.loss_db;
  return physics;
}

MeshPhysics ideal_physics(const Process& process) {
  MeshPhysics physics;
  physics.kappa_rad_per_k = process.kappa_rad_per_k;
  physics.response_spread_rad = process.phase_sigma_rad;
  return physics;
}

MeshErrors no_errors(const MeshPlan& plan) {
  MeshErrors errors;
  errors.phase.assign(std::size_t(plan.control_count()), 0.0);
  errors.beta1.assign(std::size_t(plan.mzis()), 0.0);
  errors.beta2 = errors.beta1;
  return errors;
}

MeshErrors draw_errors(const Process& process, const MeshPlan& plan, std::uint64_t seed, int purpose,
                       std::uint16_t stream, std::uint32_t device, std::uint32_t step) {
  MeshErrors errors;
  draw_errors(process, plan, seed, purpose, stream, device, step, errors);
  return errors;
}

void draw_errors(const Process& process, const MeshPlan& plan, std::uint64_t seed, int purpose,
                 std::uint16_t stream, std::uint32_t device, std::uint32_t step, MeshErrors& errors) {
  require(stream < 4096, "mesh: a layer's number leaves four bits for the part");
  errors.phase.resize(std::size_t(plan.control_count()));
  errors.beta1.resize(std::size_t(plan.mzis()));
  errors.beta2.resize(errors.beta1.size());
  const auto stream_of = [&](int part) {
    return Stream{seed, Purpose(purpose), std::uint16_t(stream * parts + part), device, step};
  };
  const auto draw = [&](std::vector<double>& values, int part, Index first, Index count) {
    fill_normal(stream_of(part), std::span(values).subspan(std::size_t(first), std::size_t(count)));
  };
  for (int number = 0; number < plan.meshes(); ++number) {
    const RectangularMesh mesh = plan.mesh(number);
    const int own = number * second_mesh;
    draw(errors.beta1, own + beta1, plan.first_mzi(number), mesh.mzis());
    draw(errors.beta2, own + beta2, plan.first_mzi(number), mesh.mzis());
    const Index first = plan.first_control(number);
    draw(errors.phase, own + theta, first + mesh.theta(0), mesh.mzis());
    draw(errors.phase, own + phi, first + mesh.phi(0), mesh.mzis());
    draw(errors.phase, own + psi, first + mesh.psi(0), mesh.modes);
  }
  draw(errors.phase, attenuator, plan.first_attenuator(), plan.attenuators());
  correlate_die(process, plan, stream_of(common), stream_of(smooth), errors);
  for (std::vector<double>* splits : {&errors.beta1, &errors.beta2})
    for (double& value : *splits) value *= process.split_sigma_rad;
  for (double& value : errors.phase) value *= process.phase_sigma_rad;
}

}  // namespace pnn::platforms::mzi
