// Looks at the loss around trained parameters: slices, the Hessian's largest eigenvalues and trace,
// sensitivities. Reads params (one or several, of one network), a dataset, a device or model; writes a
// result.
#include <algorithm>
#include <cmath>

#include "pnn/app/evaluation.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/condition.hpp"
#include "pnn/platform/hardware.hpp"
#include "pnn/study/landscape.hpp"

namespace {

using namespace pnn;

struct LandscapeOptions {
  std::vector<std::string> params;
  std::string data, on, split = "test", output;
  int index = 0, images = 1000;
  study::LandscapeSettings landscape;
  study::ConditionSettings conditions;
  device::DriverSettings driver;

  void describe(Options& o) {
    o.positional_inputs("PARAMS", params, "trained parameters; several of one network are compared")
        .required = true;
    o.input("data", data, "data set whose samples the loss is of").required = true;
    Option& target =
        o.input("on", on, "model, or " + app::device_help("device") + ", whose loss is looked at");
    target.required = true;
    target.aliases = {"device"};
    o.integer("index", index, "K", "device of the file, from 0", Limits::non_negative());
    o.choice("split", split, {"test", "validation"}, "samples that the loss is of");
    o.integer("images", images, "N", "how many of them, the first of the split; 0 is all",
              Limits::non_negative());
    landscape.describe(o);
    conditions.describe(o);
    app::describe_driver(o, driver);
    o.output(output).required = false;
  }
};

/// What acts on each layer of a model under the conditions.
std::vector<platform::System> systems_of(const study::Surroundings& surroundings, const model::Model& model) {
  const double reference_c = platform::climate_of(model.plans, model.process).reference_temperature_c;
  std::vector<platform::System> systems;
  for (std::size_t layer = 0; layer < model.plans.size(); ++layer)
    systems.push_back(study::model_system(surroundings, layer, reference_c));
  return systems;
}

study::Result empty_result(const study::SweepInput& in, const study::LandscapeSettings& settings,
                           std::size_t images) {
  study::Result r;
  r.tool = in.tool;
  r.task = in.params.front()->task;
  r.network = in.network.spec.to_string();
  r.dataset = in.data.name;
  for (const train::Params* p : in.params) r.methods.push_back(p->label);
  r.axes = study::slice_axes(settings);
  r.devices = {in.target.model != nullptr ? "model" : std::to_string(in.target.indices.front())};
  r.classes = in.data.classes;
  r.images = images;
  std::vector<std::size_t> shape{r.methods.size()};
  for (const study::Axis& axis : r.axes) shape.push_back(axis.values.size());
  shape.insert(shape.end(), {1, 1});
  r.loss = Array<double>(shape);
  if (in.params.front()->task == "classify") r.accuracy = Array<double>(shape);
  return r;
}

void add(const study::Landscape& found, std::size_t method, study::Result& r) {
  const bool sliced = !found.loss.empty();
  const std::vector<double> loss = sliced ? found.loss : std::vector{found.centre.loss};
  const std::vector<double> accuracy = sliced ? found.accuracy : std::vector{found.centre.accuracy};
  std::copy(loss.begin(), loss.end(), r.loss.data.begin() + std::ptrdiff_t(method * loss.size()));
  if (!r.accuracy.data.empty())
    std::copy(accuracy.begin(), accuracy.end(),
              r.accuracy.data.begin() + std::ptrdiff_t(method * loss.size()));
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

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return values.empty() ? 0 : std::sqrt(sum / double(values.size()));
}

/// One row a method.
void report(const std::vector<study::Landscape>& found, const study::Result& r, cli::Report& out) {
  const study::Landscape& first = found.front();
  std::vector<std::string> titles{"method", "loss"};
  if (!r.accuracy.data.empty()) titles.emplace_back("accuracy");
  if (!first.eigenvalues.empty()) titles.emplace_back("largest eigenvalue");
  if (!first.trace.empty()) titles.emplace_back("trace ± error over probes");
  if (!first.component.empty()) titles.insert(titles.end(), {"rms |dW/dTheta|", "rms |dL/dW|"});
  if (!first.loss.empty()) titles.emplace_back("largest loss of the slice");
  out.columns(titles);
  for (std::size_t m = 0; m < found.size(); ++m) {
    const study::Landscape& f = found[m];
    std::vector<std::string> row{r.methods[m], format_short(f.centre.loss, 4)};
    if (!r.accuracy.data.empty()) row.push_back(format_short(100 * f.centre.accuracy, 4) + " %");
    if (!f.eigenvalues.empty()) row.push_back(format_short(f.eigenvalues.front(), 4));
    if (!f.trace.empty()) {
      const study::Summary s = study::summarise(f.trace);
      row.push_back(format_short(s.mean, 3) +
                    (s.count > 1 ? " ± " + format_short(s.deviation / std::sqrt(double(s.count)), 2) : ""));
    }
    if (!f.component.empty()) {
      row.push_back(format_short(root_mean_square(f.component), 3));
      row.push_back(format_short(root_mean_square(f.system), 3));
    }
    if (!f.loss.empty()) row.push_back(format_short(study::summarise(f.loss).best, 4));
    out.row(row);
  }
  out.value("methods", r.methods);
  for (const study::Axis& axis : r.axes) out.value("axis " + axis.name, axis.values);
  out.value("loss", r.loss.data);
  out.value("accuracy", r.accuracy.data);
  out.value("eigenvalues", r.eigenvalues.data);
  out.value("trace", r.trace.data);
}

void run(LandscapeOptions& options, cli::Context& context) {
  if (!options.output.empty()) context.check_output(options.output);
  const app::Evaluation e =
      app::load_evaluation(options.params, options.data, options.on, options.driver, "", context);
  const study::SweepInput in =
      app::sweep_input(e, "pnn-landscape", {std::size_t(options.index)}, context.seed());
  options.landscape.check(in.target.model == nullptr);
  for (const train::Params* p : in.params) {
    if (p->task == "generate")
      throw UsageError(p->label +
                       ": a generator, whose loss is between sets of pictures; look at a classifier "
                       "or an autoencoder");
  }
  const study::Surroundings surroundings =
      options.conditions.surroundings(platform::layer_names(in.network.plans()));
  device::check_conditions(surroundings.device, in.network.plans());
  const network::Split samples = network::first_samples(
      options.split == "validation" ? in.data.validation : in.data.test, options.images);
  if (samples.size() == 0)
    throw InputError(options.data + ": its " + options.split + " split holds no samples");
  network::check_signs(in.network, samples, options.data);

  study::Result result = empty_result(in, options.landscape, std::size_t(samples.size()));
  std::vector<study::Landscape> found;
  std::uint64_t gradients = 0, calls = 0;
  for (std::size_t m = 0; m < in.params.size(); ++m) {
    const train::Params& params = *in.params[m];
    if (in.target.model != nullptr) {
      study::ModelSurface surface(*in.target.model, std::size_t(options.index), in.network, params, samples,
                                  options.landscape, systems_of(surroundings, *in.target.model));
      found.push_back(
          study::explore(surface, &surface, options.landscape, context.seed(), context.progress()));
    } else {
      const std::size_t number = in.target.indices.front();
      const auto chip =
          study::make_device_chip(e.devices->open(number), context.seed(), std::uint32_t(number));
      study::DeviceSurface surface(*chip, surroundings, in.network, params, samples, options.landscape);
      found.push_back(
          study::explore(surface, nullptr, options.landscape, context.seed(), context.progress()));
      calls += chip->calls();
    }
    gradients += found.back().gradients;
    add(found.back(), m, result);
  }
  if (e.devices) e.devices->account(context);
  const std::vector<double>& lost = result.overflowed.data;
  if (!lost.empty())
    context.warn(
        std::to_string(std::count(lost.begin(), lost.end(), 1.0)) + " of " + std::to_string(lost.size()) +
        " points have no finite loss and are left out (/overflowed says which); take a shorter slice");
  if (options.landscape.histogram) {
    std::vector<std::vector<double>> controls, component, system;
    for (const study::Landscape& f : found) {
      controls.push_back(f.controls);
      component.push_back(f.component);
      system.push_back(f.system);
    }
    result.histograms = {
        study::histogram_of("controls", "controls as fractions of their range", controls, false)};
    if (in.target.model != nullptr) {
      result.histograms.push_back(study::histogram_of(
          "component", "|dW/dTheta| of each control: stability of the components", component, true));
      result.histograms.push_back(
          study::histogram_of("system", "|dL/dW| of each weight: stability of the system", system, true));
    }
  }
  if (!options.output.empty()) io::write_result(options.output, result, context.provenance());
  report(found, result, context.report());
  context.account("gradients", gradients);
  context.account("device calls", calls);
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{
      "pnn-landscape",
      "look at the loss around trained parameters",
      "params, dataset, device or model",
      "result",
      "Slices are losses and accuracies over axes alpha and beta, drawn by scripts/plot sweep and map (--of "
      "loss). "
      "Curvature is that of the loss on the samples shown, in controls over their range (--scale none: in "
      "their "
      "own unit) or in weights, digital parameters left out; on a model by differences of exact gradients, "
      "on a "
      "device by differences of losses, whose noise --step has to stand above. In free space and on meshes "
      "|dW/dTheta| is the length of a control's column.",
      "pnn-landscape bp.h5 sat.h5 --data fashion.h5 --on model.h5 --hessian 5 --trace 20 --histogram -o "
      "land.h5"};
  return cli::run_tool<LandscapeOptions>(argc, argv, info, run);
}
