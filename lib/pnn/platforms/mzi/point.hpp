// A mesh layer at one operating point: from controls to the phases and cells of each mesh, and from sums of
// the kernel to the gradients of controls, offsets and temperature. Used in this folder only.
#pragma once

#include <span>
#include <vector>

#include "pnn/platforms/mzi/cells.hpp"
#include "pnn/platforms/mzi/mesh.hpp"

namespace pnn::platforms::mzi {

/// The phases and cells at one operating point.
template <class Real>
class MeshPoint {
 public:
  /// Makes an error-free mesh; set_errors() changes that.
  MeshPoint(const MeshPlan& plan, const MeshPhysics& physics);

  void set_errors(const MeshErrors& errors);
  /// Computes phases and cells of a point, unless it is the present one. Returns whether anything was
  /// computed.
  bool move_to(const OperatingPoint<Real>& at);

  [[nodiscard]] const MeshPlan& plan() const { return plan_; }
  [[nodiscard]] const MeshPhysics& physics() const { return physics_; }
  [[nodiscard]] const MeshCells<Real>& cells(int mesh) const { return cells_[std::size_t(mesh)]; }
  /// cos α of each attenuator.
  [[nodiscard]] const std::vector<Real>& transmission() const { return transmission_; }
  [[nodiscard]] std::span<const double> phases() const { return phases_; }

  /// Computes the gradients `out` from the sums of pull_tile and overlap_tile over all lanes, in the order of
  /// the controls. Destroys `sums`.
  void finish(std::span<double> sums, Pullback<Real>& out);

 private:
  /// Calls body(first control, count) for each group of phases that heat each other.
  template <class Body>
  void over_columns(const Body& body) const;
  [[nodiscard]] bool is_present(const OperatingPoint<Real>& at) const;

  MeshPlan plan_;
  MeshPhysics physics_;
  double decay_;                                ///< of crosstalk from one MZI to the next
  std::vector<MeshSplitters<Real>> splitters_;  ///< [mesh]
  std::vector<MeshCells<Real>> cells_;          ///< [mesh]
  // Phases are summed in double: rounding a sum of several turns to float would cost a digit on a mesh of 64
  // modes.
  std::vector<double> error_;              ///< static phase errors [control]
  std::vector<double> driven_;             ///< phases that determine the heat for neighbours [control]
  std::vector<double> phases_;             ///< phases that the light meets [control]
  std::vector<Real> turns_;                ///< the same in turns, within ±1/2 [control]
  std::vector<Real> transmission_, loss_;  ///< cos α and −sin α [attenuator]
  std::vector<double> flux_, coupled_;     ///< scratch

  bool known_ = false;  ///< whether the following members are the point of the cells
  std::vector<Real> controls_, offset_;
  bool has_offset_ = false;
  double temperature_offset_k_ = 0;
};

}  // namespace pnn::platforms::mzi
