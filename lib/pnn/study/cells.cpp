#include "pnn/study/cells.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "pnn/core/errors.hpp"
#include "pnn/core/stop.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"

namespace pnn::study {
namespace {

constexpr std::size_t most_counted = 10'000'000;  // cells that are looked at one by one

double interpolate(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const auto it = std::upper_bound(x.begin(), x.end(), at);
  if (it == x.begin()) return y.front();
  if (it == x.end()) return y.back();
  const auto k = std::size_t(it - x.begin());
  return y[k - 1] + (y[k] - y[k - 1]) * (at - x[k - 1]) / (x[k] - x[k - 1]);
}

}  // namespace

Cell cell_at(std::size_t flat, const SweepInput& in) {
  Cell cell;
  cell.repeat = flat % in.repeats;
  flat /= in.repeats;
  cell.device = flat % in.target.indices.size();
  flat /= in.target.indices.size();
  cell.axis.resize(in.axes.size());
  for (std::size_t a = in.axes.size(); a-- > 0;) {
    cell.axis[a] = flat % in.axes[a].values.size();
    flat /= in.axes[a].values.size();
  }
  cell.method = flat;
  return cell;
}

std::optional<std::size_t> time_axis(const SweepInput& in) {
  for (std::size_t a = 0; a < in.axes.size(); ++a)
    if (in.axes[a].name == "time") return a;
  return std::nullopt;
}

Surroundings surroundings_of_adjustment(const Cell& cell, const SweepInput& in) {
  const Adjustment& adjustment = in.adjustment_of(cell.method);
  if (!adjustment.anew()) return in.surroundings;
  Surroundings s = surroundings_of(cell, in, 0);
  if (adjustment.when == Adjustment::When::always) return s;
  const std::size_t axis = *time_axis(in);
  const std::vector<double>& times = in.axes[axis].values;
  const double now = times[cell.axis[axis]];
  const Due due = due_at(now, in.trace_time_s.front(), adjustment.every_s);
  s.device.drift_k += interpolate(in.trace_time_s, in.trace_drift_k, due.begin_s) -
                      interpolate(in.trace_time_s, in.trace_drift_k, now);
  return s;
}

std::size_t adjustments_until(const Cell& cell, const SweepInput& in) {
  const Adjustment& adjustment = in.adjustment_of(cell.method);
  if (adjustment.trims.empty()) return 0;
  if (adjustment.when != Adjustment::When::periodically) return 1;
  const std::size_t axis = *time_axis(in);
  return due_at(in.axes[axis].values[cell.axis[axis]], in.trace_time_s.front(), adjustment.every_s).number;
}

Surroundings surroundings_of(const Cell& cell, const SweepInput& in, double set_point_shift) {
  Surroundings s = in.surroundings;
  for (std::size_t a = 0; a < in.axes.size(); ++a) {
    if (is_of_process(in.axes[a])) continue;
    const double value = in.axes[a].values[cell.axis[a]];
    if (in.axes[a].name == "time") {
      s.device.drift_k += interpolate(in.trace_time_s, in.trace_drift_k, value);
    } else {
      set_condition(s, in.axes[a].name, value, "--vary");
    }
  }
  s.device.drift_k += set_point_shift;
  s.device.draw = std::uint32_t(cell.repeat);
  s.device.start_s = double(cell.repeat) * repeat_interval_s;
  return s;
}

bool varies_process(const SweepInput& in) {
  return std::any_of(in.axes.begin(), in.axes.end(), [](const Axis& axis) { return is_of_process(axis); });
}

platform::Process process_of(const Cell& cell, const SweepInput& in) {
  platform::Process process = in.target.devices->process;
  for (std::size_t a = 0; a < in.axes.size(); ++a)
    if (is_of_process(in.axes[a]))
      platform::set_process_value(process, in.axes[a].name, in.axes[a].values[cell.axis[a]]);
  return process;
}

void check_drawn(const SweepInput& in) {
  for (const Axis& axis : in.axes)
    if (is_of_process(axis) && in.target.devices == nullptr)
      throw UsageError("--vary " + axis.name + ": devices are drawn anew along it, and " +
                       (in.target.bench ? "a bench has its own" : "a model is none"));
}

void check_processes(const SweepInput& in) {
  if (!varies_process(in)) return;
  for (const Axis& axis : in.axes) {
    if (is_of_process(axis) && platform::process_quantity(axis.name).of_layout)
      throw UsageError("--vary " + axis.name +
                       ": the size of a chip is part of the network; fabricate other devices instead");
  }
  if (in.device_models != nullptr && in.device_models->devices() > 1)
    throw UsageError(
        "--models: fitted to the devices of the file, which --vary draws anew; take one model for all, as "
        "pnn-fit --model nominal makes");
  Cell cell{0, 0, 0, std::vector<std::size_t>(in.axes.size(), 0)};
  for (bool more = true; more;) {
    stop_if_asked();
    const platform::Process process = process_of(cell, in);
    const std::vector<std::string> wrong = check_process(process);
    if (!wrong.empty()) throw UsageError("--vary: " + join(wrong, "; "));
    const std::vector<std::string> unfit = platform::check_layers(in.target.devices->plans, process);
    if (!unfit.empty()) throw UsageError("--vary: " + join(unfit, "; "));
    // --limits and --fix have to fit every process; devices have the same bounds
    static_cast<void>(deployment_bounds(in, *in.params.front(), in.target.indices.front(), process));
    more = false;
    for (std::size_t a = in.axes.size(); a-- > 0 && !more;) {
      if (!is_of_process(in.axes[a])) continue;
      more = ++cell.axis[a] < in.axes[a].values.size();
      if (!more) cell.axis[a] = 0;
    }
  }
}

Grid::Grid(const SweepInput& in) : in_(in) {
  // Partial products beyond these limits are no longer exact, nor do they need to be.
  constexpr double most_cells =
      8'589'934'592.0;  // the number of doubles in 64 GiB, the largest dataset that a reader accepts
  constexpr double most_points = 1e6;
  double points = 1, conditions = double(in.repeats);
  for (const Axis& axis : in.axes) (is_of_process(axis) ? points : conditions) *= double(axis.values.size());
  const double deployments = double(in.methods()) * points * double(in.target.indices.size());
  if (deployments * conditions > most_cells) {
    throw UsageError("too many evaluations: " + format_short(deployments * conditions, 4) +
                     " (methods, points of --vary, devices and --repeat multiplied); at most " +
                     std::to_string(std::size_t(most_cells)) + " are possible, as a result holds 64 GiB");
  }
  if (points > most_points)
    throw UsageError("too many points of the fabrication process: " + format_short(points, 4) +
                     " along --vary; at most " + std::to_string(std::size_t(most_points)) + " are possible");
  process_points_ = std::size_t(points);
  deployments_ = std::size_t(deployments);
  conditions_ = std::size_t(conditions);
  if (in.previous == nullptr) {
    wanted_cells_ = cells() > in.shard ? (cells() - in.shard - 1) / in.shards + 1 : 0;
  } else {
    for (std::size_t k = in.shard; k < cells(); k += in.shards) wanted_cells_ += wanted(k) ? 1 : 0;
  }
}

std::size_t Grid::flat(std::size_t deployment, std::size_t condition) const {
  const std::size_t devices = in_.target.indices.size();
  const std::size_t device = deployment % devices;
  std::size_t point = deployment / devices % process_points_;
  const std::size_t method = deployment / devices / process_points_;
  const std::size_t repeat = condition % in_.repeats;
  condition /= in_.repeats;
  // the last axis is the fastest, so that places are found from the end
  std::size_t flat = device * in_.repeats + repeat, step = devices * in_.repeats;
  for (std::size_t a = in_.axes.size(); a-- > 0;) {
    const std::size_t size = in_.axes[a].values.size();
    std::size_t& left = is_of_process(in_.axes[a]) ? point : condition;
    flat += left % size * step;
    left /= size;
    step *= size;
  }
  return flat + method * step;
}

bool Grid::wanted(std::size_t flat) const {
  if (flat % in_.shards != in_.shard) return false;
  if (in_.previous == nullptr) return true;
  const std::vector<double>& overflowed = in_.previous->overflowed.data;
  return !std::isfinite(in_.previous->loss.data[flat]) && (overflowed.empty() || overflowed[flat] == 0);
}

std::optional<std::size_t> Grid::first_wanted(std::size_t deployment) const {
  for (std::size_t condition = 0; condition < conditions_; ++condition)
    if (const std::size_t cell = flat(deployment, condition); wanted(cell)) return cell;
  return std::nullopt;
}

std::size_t Grid::method_of(std::size_t deployment) const {
  return deployment / in_.target.indices.size() / process_points_;
}

std::vector<Grid::Count> Grid::wanted_by_adjustment() const {
  const std::size_t columns = in_.adjustments.size();
  if (columns == 1) return {{wanted_cells_, wanted_deployments()}};
  if (cells() > most_counted)
    return std::vector<Count>(columns, {wanted_cells_ / columns, wanted_deployments() / columns});
  std::vector<Count> counts(columns);
  for (std::size_t d = 0; d < deployments_; ++d) {
    Count& count = counts[method_of(d) % columns];
    const std::size_t before = count.cells;
    for (std::size_t c = 0; c < conditions_; ++c) count.cells += wanted(flat(d, c)) ? 1 : 0;
    count.deployments += count.cells > before ? 1 : 0;
  }
  return counts;
}

std::size_t Grid::wanted_deployments() const {
  if (cells() > most_counted) return std::min(deployments_, wanted_cells_);
  std::size_t count = 0;
  for (std::size_t d = 0; d < deployments_; ++d) count += first_wanted(d) ? 1 : 0;
  return count;
}

void check_axes(const std::vector<Axis>& axes) {
  std::map<std::string, std::string> axis_of;  // what is varied → the axis that does
  for (const Axis& axis : axes) {
    const std::string what = is_of_process(axis) ? platform::process_number(axis.name) : axis.name;
    const auto [other, first] = axis_of.emplace(what, axis.name);
    if (!first)
      throw UsageError("--vary " + axis.name + ": another axis, " + other->second + ", varies the same");
  }
}

void check_conditions(const SweepInput& in) {
  const std::vector<platform::AnyPlan> plans = in.network.plans();
  device::check_conditions(in.surroundings.device, plans);
  for (const Axis& axis : in.axes) {
    if (is_of_process(axis)) continue;
    for (std::size_t k = 0; k < axis.values.size(); ++k) {
      stop_if_asked();
      Surroundings s = in.surroundings;
      if (axis.name == "time") {
        s.device.drift_k += interpolate(in.trace_time_s, in.trace_drift_k, axis.values[k]);
      } else {
        set_condition(s, axis.name, axis.values[k], "--vary");
      }
      device::check_conditions(s.device, plans);
    }
  }
}

}  // namespace pnn::study
