// What is done for one cell of a sweep: its device, its deployment, its evaluation.
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/study/summary.hpp"
#include "pnn/study/sweep_plan.hpp"
#include "pnn/study/trim.hpp"

namespace pnn::study {

std::unique_ptr<device::Device> Target::open(std::size_t index, std::function<bool()> stop) const {
  if (bench) return bench(index);
  return device::guarded(device::make_virtual_device(*devices, index), guard, tally, std::move(stop));
}

namespace {

/// The nominal values of the hardware. A bench does not tell its own, for which those of the training stand.
const platform::Process& hardware_process(const SweepInput& in, const train::Params& params) {
  if (in.target.devices != nullptr) return in.target.devices->process;
  return in.target.model != nullptr ? in.target.model->process : params.process;
}

/// The same where --vary changes them.
platform::Process process_at(const SweepInput& in, const Cell& cell, const train::Params& params) {
  return varies_process(in) ? process_of(cell, in) : hardware_process(in, params);
}

}  // namespace

std::vector<platform::ControlBounds> deployment_bounds(const SweepInput& in, const train::Params& params,
                                                       std::size_t index) {
  return deployment_bounds(in, params, index, hardware_process(in, params));
}

std::vector<platform::ControlBounds> deployment_bounds(const SweepInput& in, const train::Params& params,
                                                       std::size_t index, const platform::Process& process) {
  const std::vector<platform::AnyPlan> plans = in.network.plans();
  std::vector<platform::ControlBounds> bounds = platform::source_bounds(plans, process);
  if (!in.bounds.extrapolate) {
    if (in.mapping.map == Carried::controls) platform::intersect(bounds, params.bounds);
    if (in.target.model != nullptr)
      platform::intersect(bounds, model::control_bounds(*in.target.model, index));
    if (in.device_models != nullptr)
      platform::intersect(
          bounds, model::control_bounds(*in.device_models, in.device_models->devices() > 1 ? index : 0));
  } else if (in.mapping.map == Carried::controls) {
    platform::keep_held(bounds, params.bounds);
  }
  platform::apply_limits(bounds, plans, in.limits);
  platform::apply_fixed(bounds, plans, in.bounds.fixed);
  return bounds;
}

std::unique_ptr<device::Device> make_device(const SweepInput& in, const Cell& cell) {
  const std::size_t index = in.target.indices[cell.device];
  if (in.target.bench || !varies_process(in)) return in.target.open(index);
  return device::guarded(device::make_virtual_device(*in.target.devices, index, process_of(cell, in)),
                         in.target.guard, in.target.tally);
}

namespace {

Chip make_chip(const SweepInput& in, const Cell& cell, const SharedBounds& bounds) {
  const std::size_t index = in.target.indices[cell.device];
  if (!in.target.has_devices()) return model_chip(*in.target.model, index, in.seed, bounds);
  return device_chip(make_device(in, cell), in.seed, std::uint32_t(index), bounds);
}

/// How many controls stand at an end that is nearer than that of their source, or are held.
std::uint64_t count_at_ends(std::span<const float> controls,
                            const std::vector<platform::ControlBounds>& bounds,
                            const std::vector<platform::ControlBounds>& of_source) {
  constexpr float rounding = 1e-6F;  // of the range
  std::uint64_t count = 0;
  auto control = controls.begin();
  for (std::size_t layer = 0; layer < bounds.size(); ++layer) {
    const platform::ControlBounds &own = bounds[layer], &whole = of_source[layer];
    for (std::size_t k = 0; k < own.lower.size(); ++k, ++control) {
      const float near = rounding * (own.upper[k] - own.lower[k]);
      count += own.held(k) || (own.upper[k] < whole.upper[k] && *control >= own.upper[k] - near) ||
               (own.lower[k] > whole.lower[k] && *control <= own.lower[k] + near);
    }
  }
  return count;
}

/// The model of a device, in `device_models`.
std::size_t model_index(const SweepInput& in, const Cell& cell) {
  return in.device_models->devices() > 1 ? in.target.indices[cell.device] : 0;
}

}  // namespace

train::TrainInput lesson(const SweepInput& in, const Work& work, const Cell& cell, device::Device& device) {
  train::TrainInput t{in.network,   *in.device_models,   model_index(in, cell),
                      work.lessons, in.finetuning.train, in.seed};
  t.device = &device;
  const train::Params& params = in.params_of(cell.method);
  t.bounds = deployment_bounds(in, params, in.target.indices[cell.device], process_at(in, cell, params));
  t.conditions = in.surroundings.device;
  t.conditions.start_s = double(in.repeats) * repeat_interval_s;
  return t;
}

Prepared prepare(const SweepInput& in, const Work& work, std::size_t flat, const Progress& progress) {
  const Cell cell = cell_at(flat, in);
  const train::Params& params = in.params_of(cell.method);
  const Adjustment& adjustment = in.adjustment_of(cell.method);
  const platform::Process process = process_at(in, cell, params);
  Prepared p{deploy(params, in.network)};
  p.deployed.bounds = std::make_shared<const std::vector<platform::ControlBounds>>(
      deployment_bounds(in, params, in.target.indices[cell.device], process));
  if (in.mapping.map == Carried::weights) {
    p.weight_error = map_weights(p.deployed, params, *in.device_models, model_index(in, cell));
    p.held = count_at_ends(p.deployed.controls, *p.deployed.bounds,
                           platform::source_bounds(in.network.plans(), process));
  }
  p.held += platform::project(p.deployed.controls, *p.deployed.bounds, in.network.plans());
  if (in.finetuning.wanted() && adjustment.finetunes()) {
    const auto device = make_device(in, cell);
    const train::TrainInput input = lesson(in, work, cell, *device);
    Spent spent;
    try {
      spent = finetune(p.deployed, params, input, progress);
    } catch (const DivergenceError&) {  // divergence on one device is a result and does not stop the others
      p.diverged = true;
      spent = spent_on(input, device->calls());
    }
    p.deployed.spent = spent;
    p.finetune_calls = spent.calls;
  }
  p.deployed.heat = heater_use(in.network, process, p.deployed.controls);
  if (adjustment.trims_any() && !adjustment.anew()) {
    Chip chip = make_chip(in, cell, p.deployed.bounds);
    trim_on_chip(p.deployed, adjustment.trims, in.network, params, work.calibration, chip, in.surroundings);
  }
  return p;
}

Evaluated evaluate_cell(const SweepInput& in, const Work& work, std::size_t flat, Deployed d) {
  const Cell at = cell_at(flat, in);
  const Adjustment& adjustment = in.adjustment_of(at.method);
  Chip chip = make_chip(in, at, d.bounds);
  if (adjustment.anew())
    trim_on_chip(d, adjustment.trims, in.network, in.params_of(at.method), work.calibration, chip,
                 surroundings_of_adjustment(at, in));
  if (work.known) chip.vouch(*work.known);
  chip.prepare(surroundings_of(at, in, d.set_point_shift_k), d.controls, std::uint32_t(at.repeat));
  const bool wanted = in.outputs > 0 || in.features != nullptr;
  Matrix<float> outputs;
  Evaluated cell;
  cell.evaluation = network::evaluate(
      in.network, {{}, d.digital, d.state}, work.shown, task_of(in), &chip, wanted ? &outputs : nullptr,
      in.mapping.statistics == NormalizedBy::shown ? network::Statistics::batch
                                                   : network::Statistics::running);
  cell.calls = chip.calls();
  cell.spent = d.spent;
  cell.heat = d.heat;
  if (work.pictures)
    cell.frechet = frechet_distance(*work.pictures, in.features->gaussian(view(std::as_const(outputs))));
  if (in.outputs == 0) return cell;
  cell.outputs = outputs.topRows(in.outputs);
  if (network::traits_of(task_of(in)).against == network::Against::targets)
    for (Index k = 0; k < cell.outputs.size(); ++k) {
      const network::Target& target = in.data.targets[std::size_t(k % cell.outputs.cols())];
      cell.outputs.data()[k] = float(target.mean + target.scale * double(cell.outputs.data()[k]));
    }
  return cell;
}

}  // namespace pnn::study
