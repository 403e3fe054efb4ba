// Physics of a mesh from its process, and draws of what fabrication does to its parts.
#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/platforms/mzi/mesh.hpp"

namespace pnn::platforms::mzi {

namespace {

/// Streams of a layer's parts, sixteen a layer: append, never renumber. V2 of an `svd` layout has its own, so
/// that its numbers do not depend on the size of V1.
enum Part : std::uint16_t { beta1, beta2, theta, phi, psi, attenuator, second_mesh = 8, parts = 16 };

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
  const auto draw = [&](std::vector<double>& values, int part, Index first, Index count, double sigma) {
    const auto some = std::span(values).subspan(std::size_t(first), std::size_t(count));
    fill_normal({seed, Purpose(purpose), std::uint16_t(stream * parts + part), device, step}, some);
    for (double& value : some) value *= sigma;
  };
  const double split = process.split_sigma_rad, phase = process.phase_sigma_rad;
  for (int number = 0; number < plan.meshes(); ++number) {
    const RectangularMesh mesh = plan.mesh(number);
    const int own = number * second_mesh;
    draw(errors.beta1, own + beta1, plan.first_mzi(number), mesh.mzis(), split);
    draw(errors.beta2, own + beta2, plan.first_mzi(number), mesh.mzis(), split);
    const Index first = plan.first_control(number);
    draw(errors.phase, own + theta, first + mesh.theta(0), mesh.mzis(), phase);
    draw(errors.phase, own + phi, first + mesh.phi(0), mesh.mzis(), phase);
    draw(errors.phase, own + psi, first + mesh.psi(0), mesh.modes, phase);
  }
  draw(errors.phase, attenuator, plan.first_attenuator(), plan.attenuators(), phase);
}

}  // namespace pnn::platforms::mzi
