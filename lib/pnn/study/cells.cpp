#include "pnn/study/cells.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"

namespace pnn::study {
namespace {

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

std::size_t process_point(const Cell& cell, const SweepInput& in) {
  std::size_t point = 0;
  for (std::size_t a = 0; a < in.axes.size(); ++a)
    if (is_of_process(in.axes[a])) point = point * in.axes[a].values.size() + cell.axis[a];
  return point;
}

std::vector<platform::Process> processes_of(const SweepInput& in) {
  std::vector<platform::Process> all;
  for (const Axis& axis : in.axes) {
    if (!is_of_process(axis)) continue;
    if (in.target.devices == nullptr)
      throw UsageError("--vary " + axis.name + ": devices are drawn anew along it, and " +
                       (in.target.bench ? "a bench has its own" : "a model is none"));
    if (all.empty()) all.push_back(in.target.devices->process);
    std::vector<platform::Process> finer;
    for (const platform::Process& process : all)
      for (double value : axis.values)
        platform::set_process_value(finer.emplace_back(process), axis.name, value);
    all = std::move(finer);
  }
  for (const platform::Process& process : all) {
    const std::vector<std::string> wrong = platform::check_process(process);
    if (!wrong.empty()) throw UsageError("--vary: " + join(wrong, "; "));
    const std::vector<std::string> unfit = platform::check_layers(in.target.devices->plans, process);
    if (!unfit.empty()) throw UsageError("--vary: " + join(unfit, "; "));
    const platform::MrrProcess &chip = process.mrr, &own = in.target.devices->process.mrr;
    if (chip.chip_rows != own.chip_rows || chip.chip_cols != own.chip_cols)
      throw UsageError("--vary: the size of a chip is part of the network; fabricate other devices instead");
  }
  if (!all.empty() && in.device_models != nullptr && in.device_models->devices() > 1)
    throw UsageError(
        "--models: fitted to the devices of the file, which --vary draws anew; take one model for all, as "
        "pnn-fit --model nominal makes");
  return all;
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
  const std::vector<platform::LayerPlan> plans = in.network.plans();
  device::check_conditions(in.surroundings.device, plans);
  for (const Axis& axis : in.axes) {
    if (is_of_process(axis)) continue;
    for (std::size_t k = 0; k < axis.values.size(); ++k) {
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

std::size_t deployment_of(const SweepInput& in, std::size_t flat) {
  const Cell cell = cell_at(flat, in);
  std::size_t points = 1;
  for (const Axis& axis : in.axes)
    if (is_of_process(axis)) points *= axis.values.size();
  return (cell.method * points + process_point(cell, in)) * in.target.indices.size() + cell.device;
}

}  // namespace pnn::study
