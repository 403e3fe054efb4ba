// The grid of a sweep: which cell lies where, and what a cell stands for. Cells are numbered methods first,
// then the axes in their order, devices and repeats, the last fastest.
#pragma once

#include <cstddef>
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

/// Throws UsageError where two axes vary the same.
void check_axes(const std::vector<Axis>& axes);

/// Throws UsageError where a layer cannot stand in what a point of an axis, or of the trace, asks for.
void check_conditions(const SweepInput& in);

/// What a cell stands in: the sweep's own surroundings, the values of its axes, and all temperatures higher
/// by `set_point_shift` K.
Surroundings surroundings_of(const Cell& cell, const SweepInput& in, double set_point_shift);

/// Number of the point of the grid over the process on which a cell lies; 0 where there is none.
std::size_t process_point(const Cell& cell, const SweepInput& in);
/// The process at each of those points; empty where no axis is of the process. Throws UsageError where one
/// cannot be.
std::vector<platform::Process> processes_of(const SweepInput& in);

/// Cells of one deployment have a method on a device in common: what is mapped and trimmed once for all
/// conditions.
std::size_t deployment_of(const SweepInput& in, std::size_t flat);

}  // namespace pnn::study
