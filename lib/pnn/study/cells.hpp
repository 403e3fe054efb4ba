// The grid of a sweep: which cell lies where, and what a cell stands for. Cells are numbered methods first,
// then the axes in their order, devices and repeats, the last fastest.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pnn/platform/process.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::study {

/// Time between the clocks at which repeats start: longer than any sweep, so that no noise is met twice.
inline constexpr double repeat_interval_s = 1e6;

/// Coordinates of a cell, each counted from 0.
struct Cell {
  std::size_t method, device, repeat;
  std::vector<std::size_t> axis;
};

/// The cell with number `flat`.
Cell cell_at(std::size_t flat, const SweepInput& in);

/// Cells of one deployment have a method on a device in common: what is mapped and trimmed once for all
/// conditions. How many there are, and which, without a list of them.
class Grid {
 public:
  /// Throws UsageError where there are more cells than the largest result holds, or more points of the
  /// fabrication process than can be looked at.
  explicit Grid(const SweepInput& in);

  [[nodiscard]] std::size_t cells() const { return deployments_ * conditions_; }
  [[nodiscard]] std::size_t deployments() const { return deployments_; }
  /// Cells of each deployment: conditions that are not of the process, and repeats.
  [[nodiscard]] std::size_t conditions() const { return conditions_; }
  /// Number of the cell that is condition `condition` of a deployment, both counted from 0; rising with
  /// `condition`.
  [[nodiscard]] std::size_t flat(std::size_t deployment, std::size_t condition) const;
  /// Whether this run evaluates a cell: its shard has it, and `previous` has no number for it.
  [[nodiscard]] bool wanted(std::size_t flat) const;
  /// Cells that this run evaluates.
  [[nodiscard]] std::size_t wanted_cells() const { return wanted_cells_; }
  /// Their deployments: exactly up to ten million cells of the grid, and beyond that as many as there may be.
  [[nodiscard]] std::size_t wanted_deployments() const;
  /// The first wanted cell of a deployment; none where it has none.
  [[nodiscard]] std::optional<std::size_t> first_wanted(std::size_t deployment) const;

 private:
  const SweepInput& in_;
  std::size_t process_points_ = 1, deployments_ = 0, conditions_ = 0, wanted_cells_ = 0;
};

/// Throws UsageError where two axes vary the same.
void check_axes(const std::vector<Axis>& axes);

/// Throws UsageError where a layer cannot stand in what a point of an axis, or of the trace, asks for.
void check_conditions(const SweepInput& in);

/// What a cell stands in: the sweep's own surroundings, the values of its axes, and all temperatures higher
/// by `set_point_shift` K.
Surroundings surroundings_of(const Cell& cell, const SweepInput& in, double set_point_shift);

/// Whether devices are drawn anew along an axis.
bool varies_process(const SweepInput& in);
/// The process at the point of the grid over it on which a cell lies: that of the devices where no axis is of
/// the process.
platform::Process process_of(const Cell& cell, const SweepInput& in);
/// Throws UsageError where an axis is of the process and there are no devices to be drawn anew.
void check_drawn(const SweepInput& in);
/// Looks at the process of every point. Throws UsageError where one cannot be.
void check_processes(const SweepInput& in);

}  // namespace pnn::study
