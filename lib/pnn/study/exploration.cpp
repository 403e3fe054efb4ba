#include "pnn/study/exploration.hpp"

#include <algorithm>
#include <cmath>

#include "pnn/core/errors.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/platform/layer_plan.hpp"
#include "pnn/study/model_device.hpp"
#include "pnn/study/sweep_plan.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::study {
namespace {

/// What acts on each layer of a model under the conditions.
std::vector<platform::System> systems_of(const Surroundings& surroundings, const model::Model& model) {
  const double reference_c = platform::climate_of(model.plans, model.process).reference_temperature_c;
  std::vector<platform::System> systems;
  for (std::size_t layer = 0; layer < model.plans.size(); ++layer)
    systems.push_back(model_system(surroundings.device, layer, reference_c));
  return systems;
}

network::SplitView samples_of(const SweepInput& in, const LandscapeSettings& settings,
                              const std::string& data) {
  settings.check(in.target.has_devices());
  for (const train::Params* p : in.params) {
    if (p->task == network::Task::generate)
      throw UsageError(p->label +
                       ": a generator, whose loss is between sets of pictures; look at a classifier "
                       "or an autoencoder");
  }
  device::check_conditions(in.surroundings.device, in.network.plans());
  const network::SplitView samples =
      network::first_samples(in.validation ? in.data.validation : in.data.test, in.images);
  if (samples.size() == 0)
    throw InputError(data + ": its " + (in.validation ? "validation" : "test") + " split holds no samples");
  network::check_signs(in.network, samples, data);
  check_task(in, samples, data);
  return samples;
}

/// A result of these methods that holds no landscape yet.
Result without_landscapes(const SweepInput& in, const LandscapeSettings& settings, std::size_t images) {
  Result r;
  r.tool = in.tool;
  r.task = in.params.front()->task;
  r.network = in.network.spec.to_string();
  r.dataset = in.data.name;
  for (const train::Params* p : in.params) r.methods.push_back(p->label);
  r.axes = slice_axes(settings);
  r.devices = {in.target.has_devices() ? std::to_string(in.target.indices.front()) : "model"};
  r.classes = in.data.classes;
  if (network::traits_of(r.task).against == network::Against::targets)
    for (const network::Target& target : in.data.targets) r.targets.push_back(target.name);
  r.images = images;
  std::vector<std::size_t> shape{r.methods.size()};
  for (const Axis& axis : r.axes) shape.push_back(axis.values.size());
  shape.insert(shape.end(), {1, 1});
  r.loss = Array<double>(shape);
  if (network::traits_of(r.task).scored) r.score = Array<double>(shape);
  return r;
}

void add_landscape(const Landscape& found, std::size_t method, Result& r) {
  const bool sliced = !found.loss.empty();
  const std::vector<double> loss = sliced ? found.loss : std::vector{found.centre.loss};
  const std::vector<double> score = sliced ? found.score : std::vector{found.centre.score};
  std::copy(loss.begin(), loss.end(), r.loss.data.begin() + std::ptrdiff_t(method * loss.size()));
  if (!r.score.data.empty())
    std::copy(score.begin(), score.end(), r.score.data.begin() + std::ptrdiff_t(method * loss.size()));
  for (std::size_t k = 0; k < loss.size(); ++k) {
    if (!std::isnan(loss[k])) continue;
    if (r.overflowed.data.empty()) r.overflowed = Array<double>(r.loss.shape, 0.0);
    r.overflowed.data[method * loss.size() + k] = 1;
  }
  const auto append = [&](const std::vector<double>& values, Array<double>& to) {
    if (values.empty()) return;
    if (to.shape.empty()) to.shape = {0, values.size()};
    to.shape[0] += 1;
    to.data.insert(to.data.end(), values.begin(), values.end());
  };
  append(found.eigenvalues, r.eigenvalues);
  append(found.trace, r.trace);
}

/// Sensitivities are of a model alone.
std::vector<Histogram> histograms_of(const std::vector<Landscape>& found, bool of_model) {
  std::vector<std::vector<double>> controls, component, system;
  for (const Landscape& f : found) {
    controls.push_back(f.controls);
    component.push_back(f.component);
    system.push_back(f.system);
  }
  std::vector<Histogram> out{
      histogram_of("controls", "controls as fractions of their range", controls, false)};
  if (!of_model) return out;
  out.push_back(
      histogram_of("component", "|dW/dTheta| of each control: stability of the components", component, true));
  out.push_back(histogram_of("system", "|dL/dW| of each weight: stability of the system", system, true));
  return out;
}

}  // namespace

Exploration explore(const SweepInput& in, const LandscapeSettings& settings, const std::string& data,
                    Progress& progress) {
  const network::SplitView samples = samples_of(in, settings, data);
  const std::size_t index = in.target.indices.front();
  const auto stop = [&progress] { return progress.stop_requested(); };
  Exploration out;
  out.result = without_landscapes(in, settings, std::size_t(samples.size()));
  for (const train::Params* params : in.params) {
    const auto bounds =
        std::make_shared<const std::vector<platform::ControlBounds>>(deployment_bounds(in, *params, index));
    std::vector<float> controls = train::flat_controls(*params, in.network);
    out.held_controls += platform::project(controls, *bounds, in.network.plans());
    if (in.target.has_devices()) {
      Chip chip = device_chip(in.target.open(index, stop), in.seed, std::uint32_t(index), bounds);
      DeviceSurface surface(chip, in.surroundings, in.network, *params, samples, settings, bounds);
      out.found.push_back(explore(surface, nullptr, settings, in.seed, progress));
      out.device_calls += chip.calls();
    } else {
      ModelSurface surface(*in.target.model, index, in.network, *params, samples, settings,
                           systems_of(in.surroundings, *in.target.model), bounds);
      out.found.push_back(explore(surface, &surface, settings, in.seed, progress));
    }
    out.gradients += out.found.back().gradients;
    add_landscape(out.found.back(), out.found.size() - 1, out.result);
  }
  if (settings.histogram) out.result.histograms = histograms_of(out.found, !in.target.has_devices());
  return out;
}

}  // namespace pnn::study
