// The grid of a sweep. A cell is one evaluation: a method, a value of each axis, a device and a repeat. Cells
// are numbered by method, then by the axes in their order, device and repeat, the last fastest.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pnn/platform/process.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/study/sweep.hpp"

namespace pnn::study {

/// Difference between the clocks at which two repeats start, in s. It is longer than any sweep, so that
/// repeats never use the same noise.
inline constexpr double repeat_interval_s = 1e6;

/// The coordinates of a cell, each from 0. `method` is that of the result: a set of parameters with an
/// adjustment (SweepInput::params_of).
struct Cell {
  std::size_t method, device, repeat;
  std::vector<std::size_t> axis;
};

/// The coordinates of cell number `flat`.
Cell cell_at(std::size_t flat, const SweepInput& in);

/// Counts and finds the cells of a sweep without listing them. The cells of one deployment share a method, a
/// device and a point of the fabrication process: parameters are mapped and trimmed once for all of its
/// conditions and repeats.
class Grid {
 public:
  /// Throws UsageError if there are more cells than the largest result holds, or more points of the
  /// fabrication process than can be checked. `in` must outlive the grid.
  explicit Grid(const SweepInput& in);

  [[nodiscard]] std::size_t cells() const { return deployments_ * conditions_; }
  [[nodiscard]] std::size_t deployments() const { return deployments_; }
  /// The number of cells of each deployment: conditions other than the fabrication process, times repeats.
  [[nodiscard]] std::size_t conditions() const { return conditions_; }
  /// The number of the cell that is condition `condition` of deployment `deployment`, both from 0. It rises
  /// with `condition`.
  [[nodiscard]] std::size_t flat(std::size_t deployment, std::size_t condition) const;
  /// Whether this run evaluates a cell: it belongs to the shard, and SweepInput::previous has no number for
  /// it.
  [[nodiscard]] bool wanted(std::size_t flat) const;
  /// The number of cells that this run evaluates.
  [[nodiscard]] std::size_t wanted_cells() const { return wanted_cells_; }
  /// The number of their deployments; for grids of more than ten million cells an upper bound.
  [[nodiscard]] std::size_t wanted_deployments() const;
  /// The method of a deployment.
  [[nodiscard]] std::size_t method_of(std::size_t deployment) const;
  /// For each adjustment the cells and deployments that this run evaluates; for grids of more than ten
  /// million cells equal parts of all.
  struct Count {
    std::size_t cells = 0, deployments = 0;
  };
  [[nodiscard]] std::vector<Count> wanted_by_adjustment() const;
  /// The first cell of a deployment that this run evaluates; empty if there is none.
  [[nodiscard]] std::optional<std::size_t> first_wanted(std::size_t deployment) const;

 private:
  const SweepInput& in_;
  std::size_t process_points_ = 1, deployments_ = 0, conditions_ = 0, wanted_cells_ = 0;
};

/// Throws UsageError if two axes vary the same quantity.
void check_axes(const std::vector<Axis>& axes);

/// Throws UsageError if a value of an axis, or a point of the trace, is not a condition that every layer can
/// have.
void check_conditions(const SweepInput& in);

/// The conditions of a cell: those of the sweep, replaced by the values of its axes, with the temperature
/// raised by `set_point_shift` K.
Surroundings surroundings_of(const Cell& cell, const SweepInput& in, double set_point_shift);
/// Those under which the cell's adjustment is made: once the sweep's own; otherwise the cell's, of a periodic
/// one at the beginning of its interval along the trace.
Surroundings surroundings_of_adjustment(const Cell& cell, const SweepInput& in);
/// The number of times that its device was adjusted until the cell is evaluated.
std::size_t adjustments_until(const Cell& cell, const SweepInput& in);
/// The axis along the trace, or nothing.
std::optional<std::size_t> time_axis(const SweepInput& in);

/// Whether an axis varies the fabrication process, so that devices are sampled again along it.
bool varies_process(const SweepInput& in);
/// The fabrication process of a cell: that of the devices, with the values of the cell's process axes.
platform::Process process_of(const Cell& cell, const SweepInput& in);
/// Throws UsageError if an axis varies the process and there is no device set to sample again.
void check_drawn(const SweepInput& in);
/// Throws UsageError if the process of any cell is invalid.
void check_processes(const SweepInput& in);

}  // namespace pnn::study
