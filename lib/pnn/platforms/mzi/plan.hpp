// Layout of a matrix on meshes of Mach-Zehnder interferometers: columns, MZIs, and the order of the controls.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::platforms::mzi {

/// `unitary`: one mesh, out = in. `svd`: W = V2 Σ V1, with a mesh on the inputs, min(out, in) attenuators,
/// and a mesh on the outputs; further inputs of V2 stay dark, and further outputs of V1 are lost.
enum class MeshLayout { unitary, svd };

/// One rectangular mesh (Clements et al., Optica 3, 1460, 2016) on `modes` modes, mode 0 on top. Column c
/// (light meets c = 0 first) has MZIs on the modes (m, m+1) for m = c mod 2, c mod 2 + 2, …. There are
/// `modes` columns, of which some are empty for fewer than three modes. MZIs are numbered column by column,
/// from top to bottom. The controls are θ of every MZI in that order, then φ in the same order, then ψ of
/// every mode.
struct RectangularMesh {
  Index modes = 0;

  [[nodiscard]] Index columns() const { return modes; }
  [[nodiscard]] Index mzis() const { return modes * (modes - 1) / 2; }
  /// Upper mode of the first MZI of a column.
  [[nodiscard]] static Index first_mode(Index column) { return column % 2; }
  [[nodiscard]] Index mzis_in_column(Index column) const { return (modes - first_mode(column)) / 2; }
  /// Number of the first MZI of a column: two columns have modes − 1 MZIs together, of which modes / 2 are in
  /// the first.
  [[nodiscard]] Index first_mzi(Index column) const {
    return (column / 2) * (modes - 1) + (column % 2) * (modes / 2);
  }
  /// Column of MZI `mzi`.
  [[nodiscard]] Index column_of(Index mzi) const {
    const Index pair = mzi / (modes - 1);
    return 2 * pair + (mzi % (modes - 1) >= modes / 2 ? 1 : 0);
  }
  /// Upper mode of MZI `mzi`.
  [[nodiscard]] Index upper_mode(Index mzi) const {
    const Index column = column_of(mzi);
    return first_mode(column) + 2 * (mzi - first_mzi(column));
  }
  [[nodiscard]] Index control_count() const { return 2 * mzis() + modes; }
  [[nodiscard]] Index theta(Index mzi) const { return mzi; }
  [[nodiscard]] Index phi(Index mzi) const { return mzis() + mzi; }
  [[nodiscard]] Index psi(Index mode) const { return 2 * mzis() + mode; }
};

/// The kinds of controls.
enum class MeshControl {
  theta,       ///< internal phase of an MZI; 0 is the cross state
  phi,         ///< phase before an MZI, on its upper mode
  psi,         ///< phase of an output mode
  attenuator,  ///< α: amplitude transmission cos α (`svd`)
};

/// What and where a control is. Phases with the same mesh, column and kind (θ or φ) heat each other.
struct ControlPlace {
  MeshControl kind = MeshControl::theta;
  int mesh = 0;      ///< 0: V1 (or the only mesh), 1: V2; attenuators: 0
  Index column = 0;  ///< θ, φ; ψ: modes (behind the last column); attenuator: 0
  Index index = 0;   ///< θ, φ: MZI within its column; ψ: mode; attenuator: mode
  bool operator==(const ControlPlace&) const = default;
};

/// The mesh (or meshes) of one physical layer. All controls are in rad. Their order: with `unitary` those of
/// the mesh; with `svd` those of V1 on `in` modes, α [min(out, in)], those of V2 on `out` modes.
struct MeshPlan {
  std::string name;  ///< name of the layer: "mzi1"
  Index out = 0, in = 0;
  MeshLayout layout = MeshLayout::unitary;

  [[nodiscard]] int meshes() const { return layout == MeshLayout::unitary ? 1 : 2; }
  [[nodiscard]] RectangularMesh mesh(int number) const { return {number == 0 ? in : out}; }
  [[nodiscard]] Index attenuators() const { return layout == MeshLayout::unitary ? 0 : std::min(out, in); }
  [[nodiscard]] Index control_count() const {
    return mesh(0).control_count() +
           (layout == MeshLayout::unitary ? 0 : attenuators() + mesh(1).control_count());
  }
  /// Number of MZIs of all meshes. Splitter errors have their order, those of V1 first.
  [[nodiscard]] Index mzis() const {
    return mesh(0).mzis() + (layout == MeshLayout::unitary ? 0 : mesh(1).mzis());
  }
  /// First control, and first MZI, of a mesh.
  [[nodiscard]] Index first_control(int number) const {
    return number == 0 ? 0 : mesh(0).control_count() + attenuators();
  }
  [[nodiscard]] Index first_mzi(int number) const { return number == 0 ? 0 : mesh(0).mzis(); }
  [[nodiscard]] Index first_attenuator() const { return mesh(0).control_count(); }

  /// Kind and place of control k, 0 ≤ k < control_count(), and the inverse.
  [[nodiscard]] ControlPlace place_of(Index control) const;
  [[nodiscard]] Index control_of(const ControlPlace& place) const;
  bool operator==(const MeshPlan&) const = default;
};

/// The names of the controls, in their order: "theta col 3 modes 4-5", "phi col 0 modes 0-1", "psi mode 7",
/// "alpha mode 2"; with "mesh 1" or "mesh 2" in front if there are two meshes.
std::vector<std::string> phase_names(const MeshPlan& plan);

/// Throws UsageError if a plan is impossible: no modes, or a `unitary` layout that is not square.
void check_plan(const MeshPlan& plan);

}  // namespace pnn::platforms::mzi
