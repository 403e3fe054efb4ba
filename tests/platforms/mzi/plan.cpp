#include "pnn/platforms/mzi/plan.hpp"

#include "tests/catch.hpp"

using namespace pnn;
using platforms::mzi::ControlPlace;
using platforms::mzi::MeshControl;
using platforms::mzi::MeshLayout;
using platforms::mzi::MeshPlan;
using platforms::mzi::RectangularMesh;

TEST_CASE("columns hold their interferometers as in the rectangular mesh") {
  for (const Index modes : {1, 2, 3, 4, 5, 16, 17}) {
    const RectangularMesh mesh{modes};
    Index mzi = 0;
    for (Index column = 0; column < mesh.columns(); ++column) {
      CHECK(mesh.first_mzi(column) == mzi);
      Index count = 0;
      for (Index upper = column % 2; upper + 1 < modes; upper += 2, ++mzi, ++count) {
        CHECK(mesh.column_of(mzi) == column);
        CHECK(mesh.upper_mode(mzi) == upper);
      }
      CHECK(mesh.mzis_in_column(column) == count);
    }
    CHECK(mzi == modes * (modes - 1) / 2);
    CHECK(mesh.mzis() == mzi);
    CHECK(mesh.control_count() == modes * modes);
  }
}

TEST_CASE("the order of controls is the documented one, and every control has one place") {
  const MeshPlan unitary{"mzi1", 4, 4, MeshLayout::unitary};
  CHECK(unitary.control_count() == 16);
  CHECK(unitary.mzis() == 6);
  CHECK(unitary.place_of(0) == ControlPlace{MeshControl::theta, 0, 0, 0});
  CHECK(unitary.place_of(2) == ControlPlace{MeshControl::theta, 0, 1, 0});
  CHECK(unitary.place_of(6) == ControlPlace{MeshControl::phi, 0, 0, 0});
  CHECK(unitary.place_of(11) == ControlPlace{MeshControl::phi, 0, 3, 0});
  CHECK(unitary.place_of(13) == ControlPlace{MeshControl::psi, 0, 4, 1});

  const MeshPlan svd{"mzi1", 3, 4, MeshLayout::svd};
  CHECK(svd.control_count() == 16 + 3 + 9);
  CHECK(svd.mzis() == 9);
  CHECK(svd.place_of(16) == ControlPlace{MeshControl::attenuator, 0, 0, 0});
  CHECK(svd.place_of(19) == ControlPlace{MeshControl::theta, 1, 0, 0});
  CHECK(svd.place_of(27) == ControlPlace{MeshControl::psi, 1, 3, 2});
  const MeshPlan single{"mzi1", 2, 1, MeshLayout::svd};
  CHECK(single.place_of(0) == ControlPlace{MeshControl::psi, 0, 1, 0});
  CHECK(single.place_of(2) == ControlPlace{MeshControl::theta, 1, 0, 0});
  for (const MeshPlan& plan : {unitary, svd, single}) {
    for (Index k = 0; k < plan.control_count(); ++k) CHECK(plan.control_of(plan.place_of(k)) == k);
  }
}
