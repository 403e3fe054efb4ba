#include "pnn/study/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/threads.hpp"
#include "pnn/train/settings.hpp"

namespace pnn::study {
namespace {

/// Time between the clocks at which repeats start: longer than any sweep, so that no noise is met twice.
constexpr double repeat_interval_s = 1e6;

/// Mixed-radix coordinates of a cell: method, axes…, device, repeat.
struct Cell {
  std::size_t method, device, repeat;
  std::vector<std::size_t> axis;
};

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

double interpolate(const std::vector<double>& x, const std::vector<double>& y, double at) {
  const auto it = std::upper_bound(x.begin(), x.end(), at);
  if (it == x.begin()) return y.front();
  if (it == x.end()) return y.back();
  const auto k = std::size_t(it - x.begin());
  return y[k - 1] + (y[k] - y[k - 1]) * (at - x[k - 1]) / (x[k] - x[k - 1]);
}

Surroundings surroundings_of(const Cell& cell, const SweepInput& in, double set_point_shift) {
  Surroundings s = in.surroundings;
  for (std::size_t a = 0; a < in.axes.size(); ++a) {
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

std::unique_ptr<Chip> make_chip(const SweepInput& in, std::size_t index) {
  if (in.target.devices != nullptr)
    return make_device_chip(device::make_virtual_device(*in.target.devices, index), in.seed,
                            std::uint32_t(index));
  return make_model_chip(*in.target.model, index, in.seed);
}

network::Split first_samples(const network::Split& split, Index count) {
  const Index n = count > 0 ? std::min(count, split.size()) : split.size();
  return {split.x.topRows(n), {split.y.begin(), split.y.begin() + n}};
}

Result empty_result(const SweepInput& in, const network::Split& shown) {
  Result r;
  r.tool = in.tool;
  r.dataset = in.data.name;
  r.network = in.network.spec.inputs + " | " + join(in.network.spec.layers, " | ");
  std::vector<std::size_t> shape{in.params.size()};
  for (const train::Params* p : in.params) r.methods.push_back(p->label);
  for (const Axis& axis : in.axes) shape.push_back(axis.values.size());
  r.axes = in.axes;
  for (std::size_t index : in.target.indices)
    r.devices.push_back(in.target.devices != nullptr ? std::to_string(index)
                                                     : "model " + std::to_string(index));
  r.repeats = in.repeats;
  shape.push_back(in.target.indices.size());
  shape.push_back(in.repeats);
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  const bool classify = train::parse_task(in.params[0]->task) == network::Task::classify;
  r.loss = Array<double>(shape, unknown);
  if (classify) {
    r.accuracy = Array<double>(shape, unknown);
    r.classes = in.data.classes;
    const auto n = std::size_t(in.network.output().size());
    r.confusion = Array<double>({in.params.size(), n, n}, 0.0);
  }
  r.images = std::size_t(shown.size());
  r.shard = in.shard;
  r.shards = in.shards;
  r.power_mw = Array<double>({in.params.size()}, 0.0);
  return r;
}

/// Takes over the numbers of an earlier, unfinished run of the same sweep.
void keep_previous(const Result& previous, Result& r) {
  // The whole may go on from a part; a part may not take over what others evaluate.
  const bool part_of_it = r.shards == 1 || (previous.shards == r.shards && previous.shard == r.shard);
  if (!part_of_it || previous.loss.shape != r.loss.shape || previous.methods != r.methods ||
      previous.devices != r.devices || previous.images != r.images) {
    throw InputError(
        "--resume: the file holds another sweep; resume with the options that it was started with");
  }
  r.loss = previous.loss;
  r.accuracy = previous.accuracy;
  r.confusion = previous.confusion;
}

void check(const SweepInput& in, const network::Split& shown) {
  require(!in.params.empty() && !in.target.indices.empty(), "a sweep has methods and devices");
  if (shown.size() == 0) {
    throw InputError(std::string("the data set has no ") + (in.validation ? "validation" : "test") +
                     " samples; make one with pnn-data that has");
  }
  if (shown.x.cols() != in.network.input.size()) {
    throw InputError("the data set has " + std::to_string(shown.x.cols()) +
                     " features but the network takes " + std::to_string(in.network.input.size()));
  }
  for (const train::Params* p : in.params) {
    if (p->task != in.params[0]->task)
      throw InputError("parameters of different tasks cannot be compared: " + in.params[0]->task + " and " +
                       p->task);
  }
}

}  // namespace

SweepOutcome sweep(const SweepInput& in, Progress& progress) {
  const network::Split shown = first_samples(in.validation ? in.data.validation : in.data.test, in.images);
  const network::Split calibration = first_samples(in.data.train, in.mapping.trim_samples);
  check(in, shown);
  SweepOutcome outcome;
  outcome.result = empty_result(in, shown);
  Result& r = outcome.result;
  const network::Task task = train::parse_task(in.params[0]->task);
  const std::size_t methods = in.params.size(), devices = in.target.indices.size();
  std::vector<std::size_t> cells;
  if (in.previous != nullptr) keep_previous(*in.previous, r);
  for (std::size_t k = in.shard; k < r.loss.size(); k += in.shards) {
    if (!std::isfinite(r.loss.data[k])) cells.push_back(k);
  }

  // What is the same for all conditions of a method on a device: mapping and trimming, under the sweep's own
  // surroundings.
  std::vector<char> wanted(methods * devices, 0);
  for (std::size_t flat : cells) {
    const Cell cell = cell_at(flat, in);
    wanted[cell.method * devices + cell.device] = 1;
  }
  std::vector<Deployed> deployed(methods * devices);
  std::vector<double> weight_error(methods * devices, 0);
  std::atomic<bool> stop{false};
  parallel_for(deployed.size(), [&](std::size_t k) {
    if (wanted[k] == 0 || stop || progress.stop_requested()) return;
    const train::Params& params = *in.params[k / devices];
    const std::size_t index = in.target.indices[k % devices];
    deployed[k] = deploy(params, in.network);
    if (in.mapping.map == "weights")
      weight_error[k] =
          map_weights(deployed[k], params, *in.device_models, in.device_models->devices() > 1 ? index : 0);
    if (in.mapping.trim != "none")
      trim(deployed[k], in.mapping.trim, in.network, params, calibration, *make_chip(in, index),
           in.surroundings);
  });

  std::mutex mutex;
  std::size_t done = 0;
  std::vector<Matrix<double>> confusion(cells.size());
  std::vector<std::uint64_t> calls(cells.size(), 0);
  parallel_for(cells.size(), [&](std::size_t k) {
    if (stop || progress.stop_requested()) {
      stop = true;
      return;
    }
    const Cell cell = cell_at(cells[k], in);
    Deployed d = deployed[cell.method * devices + cell.device];
    const auto chip = make_chip(in, in.target.indices[cell.device]);
    chip->prepare(surroundings_of(cell, in, d.set_point_shift_k), d.controls, std::uint32_t(cell.repeat));
    const network::Evaluation e =
        network::evaluate(in.network, {{}, d.digital, d.state}, shown, task, chip.get());
    r.loss.data[cells[k]] = e.loss;
    if (task == network::Task::classify) r.accuracy.data[cells[k]] = e.accuracy;
    confusion[k] = e.confusion;
    calls[k] = chip->calls();
    const std::lock_guard lock(mutex);
    progress.update(++done, cells.size(), "evaluations",
                    task == network::Task::classify ? "accuracy " + format_short(e.accuracy, 4)
                                                    : "loss " + format_short(e.loss, 4));
  });
  outcome.complete = done == cells.size();

  for (std::size_t k = 0; k < cells.size(); ++k) {
    outcome.device_calls += calls[k];
    if (confusion[k].size() == 0) continue;
    const std::size_t size = std::size_t(confusion[k].size()), method = cell_at(cells[k], in).method;
    for (std::size_t i = 0; i < size; ++i) r.confusion.data[method * size + i] += confusion[k].data()[i];
  }
  for (const Deployed& d : deployed) outcome.device_calls += d.trim_calls;
  for (double e : weight_error) outcome.largest_weight_error = std::max(outcome.largest_weight_error, e);
  for (std::size_t m = 0; m < methods; ++m) r.power_mw.data[m] = heater_power_mw(*in.params[m]);
  return outcome;
}

double heater_power_mw(const train::Params& params) {
  const platform::MrrProcess& p = params.process;
  double sum = 0;
  for (const train::Tensor& t : params.controls) {
    for (float current : t.values.data) {
      sum += platform::heater_power_mw(double(current), p.resistance_ohm, p.beta_per_ma2);
    }
  }
  return sum;
}

Summary summarise(std::span<const double> values) {
  Summary s;
  s.worst = std::numeric_limits<double>::infinity();
  s.best = -s.worst;
  double mean = 0, square = 0;
  for (double v : values) {
    if (!std::isfinite(v)) continue;
    ++s.count;
    const double shift = v - mean;
    mean += shift / double(s.count);
    square += shift * (v - mean);
    s.worst = std::min(s.worst, v);
    s.best = std::max(s.best, v);
  }
  s.mean = mean;
  s.deviation = s.count > 1 ? std::sqrt(square / double(s.count - 1)) : 0;
  return s;
}

}  // namespace pnn::study
