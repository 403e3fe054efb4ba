#include "pnn/platforms/mzi/paths.hpp"
#include "pnn/platforms/mzi/plan.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pnn/platforms/mzi/mesh.hpp"
#include "tests/catch.hpp"

using namespace pnn;
using platforms::mzi::dark;
using platforms::mzi::MeshLayout;
using platforms::mzi::MeshPlan;

namespace {

const std::vector<MeshPlan> plans = {{"mzi1", 2, 2, MeshLayout::unitary}, {"mzi1", 3, 3, MeshLayout::unitary},
                                     {"mzi1", 6, 6, MeshLayout::unitary}, {"mzi1", 7, 7, MeshLayout::unitary},
                                     {"mzi1", 5, 5, MeshLayout::svd},     {"mzi1", 4, 7, MeshLayout::svd},
                                     {"mzi1", 6, 3, MeshLayout::svd}};

/// Power that reaches `to` from `from` in an error-free mesh at rest, but for one control.
double power(const MeshPlan& plan, Index from, Index to, Index control, double phase) {
  const auto mesh = platforms::mzi::make_mesh<double>(plan, {}, no_errors(plan));
  std::vector<double> controls(std::size_t(plan.control_count()), 0.0);
  controls[std::size_t(control)] = phase;
  Matrix<double> weights(mesh->rows(), mesh->cols());
  mesh->evaluate({controls, {}, 0}, view(weights));
  return std::pow(weights(to, from), 2) + std::pow(weights(plan.out + to, from), 2);
}

}  // namespace

TEST_CASE("light goes where the straight ways say, and an MZI in the bar state turns it back") {
  for (const MeshPlan& plan : plans) {
    INFO(plan.in << " to " << plan.out << " modes");
    const platforms::mzi::CrossedPaths paths = platforms::mzi::crossed_paths(plan);
    for (int number = 0; number < plan.meshes(); ++number) {
      for (Index k = 0; k < plan.mesh(number).mzis(); ++k) {
        const platforms::mzi::CrossedMzi& mzi = paths.mzis[std::size_t(plan.first_mzi(number) + k)];
        const Index theta = plan.first_control(number) + plan.mesh(number).theta(k);
        const auto goes = [&](Index from, Index to, double phase) {
          if (from == dark || to == dark) return;
          CHECK(power(plan, from, to, theta, phase) == Approx(1));
        };
        goes(mzi.from_below, mzi.to_above, 0);
        goes(mzi.from_above, mzi.to_below, 0);
        goes(mzi.from_below, mzi.to_below, std::numbers::pi);
        goes(mzi.from_above, mzi.to_above, std::numbers::pi);
      }
    }
    for (Index k = 0; k < plan.attenuators(); ++k) {
      const platforms::mzi::CrossedMode& mode = paths.attenuators[std::size_t(k)];
      REQUIRE(mode.from != dark);
      REQUIRE(mode.to != dark);
      CHECK(power(plan, mode.from, mode.to, plan.first_attenuator() + k, 1) ==
            Approx(std::pow(std::cos(1.0), 2)));
    }
  }
}

TEST_CASE("every MZI of a square mesh has four ends, and light meets at most one edge on its way") {
  for (const Index modes : {2, 5, 8}) {
    const platforms::mzi::CrossedPaths paths =
        platforms::mzi::crossed_paths({"mzi1", modes, modes, MeshLayout::unitary});
    for (const platforms::mzi::CrossedMzi& mzi : paths.mzis) {
      for (const Index end : {mzi.from_above, mzi.from_below, mzi.to_above, mzi.to_below}) CHECK(end != dark);
      CHECK(mzi.from_above != mzi.from_below);
      // straight through a crossed mesh: input i leaves at N − 1 − i
      CHECK(mzi.from_below + mzi.to_above == modes - 1);
      CHECK(mzi.from_above + mzi.to_below == modes - 1);
      CHECK(std::max(mzi.edges_up, mzi.edges_down) <= 1);
    }
  }
}

TEST_CASE("inputs that an svd layout has no attenuator for lead nowhere") {
  const platforms::mzi::CrossedPaths paths = platforms::mzi::crossed_paths({"mzi1", 3, 6, MeshLayout::svd});
  int lost = 0;
  for (const platforms::mzi::CrossedMzi& mzi : paths.mzis) lost += mzi.to_above == dark ? 1 : 0;
  CHECK(lost > 0);
}
