// Which controls compute the task, and keep computing it?
#include <optional>

#include "pnn/app/device_source.hpp"
#include "pnn/app/dry_run.hpp"
#include "pnn/app/model_remarks.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/robust.hpp"
#include "pnn/app/training_data.hpp"
#include "pnn/app/training_report.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/io/records.hpp"
#include "pnn/io/rehearsal.hpp"
#include "pnn/study/conditions.hpp"
#include "pnn/train/loop.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-train",
    .summary = "train control parameters on a model, or on a device",
    .reads = "model, dataset (device)",
    .writes = "params",
    .details = R"(
On a model (in silico): backpropagation, noise-aware, slope penalty, SAM, process-aware, sharpness-aware; on a
device (in situ): physics-aware, sharpness-aware, by differences.

Equal cost: give every method the same --budget (or --budget-epochs); sat with one ascent step then makes half
the updates of bp. The output is written every --checkpoint-every epochs; an interrupted run continues with
--resume and ends in the same bytes.
)",
    .example =
        "pnn-train model.h5 --data fashion.h5 --method sat --perturb temperature=1 "
        "--budget-epochs 10 -o sat.h5",
    .see_also =
        "pnn-eval and pnn-transfer for how good it is, README.md for which method to take, "
        "lib/pnn/train/estimator.hpp for their formulas, scripts/plot history for a picture"};

struct TrainOptions {
  std::string model, data, device, init, resume, output;
  int index = 0;
  bool dry_run = false;
  study::RoomSettings room;
  bool robust = false;
  train::TrainSettings train;
  platform::BoundSettings bounds;
  device::DriverSettings driver;

  void describe(Options& o) {
    o.positional_input("MODEL", model, "model to train on (pnn-fit)").required = true;
    o.input("data", data, "data set (pnn-data)").required = true;
    o.integer("index", index, "K", "which device of --device, and of a model file that holds several, from 0",
              Limits::non_negative());
    o.input(
        "init", init,
        "parameters to start from: of this network, or of the same network trained digitally (dense, conv)");
    app::describe_resume(o, resume);
    app::describe_dry_run(o, dry_run);
    app::describe_robust(o, robust);
    train.describe(o);
    o.group("Device (in situ)");
    o.input("device", device, app::device_help("device that computes while it is trained"));
    const std::size_t first = o.all().size();
    room.describe(o);
    o.idle_since(first, [this] { return device.empty() ? "it is about --device, which is not given" : ""; });
    app::describe_driver(o, driver, device);
    bounds.describe(o);
    o.output(output);
  }
};

/// A device is named where, and only where, one is trained on.
void check_device(const TrainOptions& options) {
  if (options.train.on_device() && options.device.empty())
    throw UsageError("--method " + word_of(options.train.method) +
                     (options.train.in_situ.enabled ? " --in-situ" : "") +
                     ": trains on a device: name it with --device");
  if (!options.train.on_device() && !options.device.empty()) {
    throw UsageError("--device: --method " + word_of(options.train.method) +
                     " trains on the model alone and opens no device; add --in-situ, or take pat or spsa");
  }
}

/// Where the device of a training in situ comes from; none in silico, where a device file is not even opened.
std::optional<app::DeviceSource> device_source(const TrainOptions& options, const io::ModelFile& model,
                                               cli::Context& context) {
  if (!options.train.on_device()) return std::nullopt;
  app::DeviceSource source(options.device, options.driver, "device", model.network, model.model.process,
                           context);
  if (!source.reads_states() && options.train.reads_states())
    throw UsageError("--method " + word_of(options.train.method) +
                     ": reads the outputs of every layer, and " + options.device +
                     " gives those of the last alone; add --pat-output (dat: --dat-states "
                     "output), or take spsa");
  return source;
}

/// Tells where chips are sampled around other values than those of the model.
void warn_of_samples(const TrainOptions& options, const model::Model& model, cli::Context& context) {
  if (!train::samples_beside_fit(options.train, model)) return;
  context.warn(
      "chips are sampled around " + train::drawn_around(options.train, model) + " in " + options.model +
      ", and accuracies of this training are those of the design; set the process of the model to what "
      "was measured (pnn-fit --set), or take a method that trains on the fit");
}

void run(TrainOptions& options, cli::Context& context) {
  if (!options.robust) options.train.check();
  context.check_output(options.output);
  const auto model = io::read_model(options.model);
  context.parent("model", model.filetype, model.hash, model.header);
  const auto data = io::read_dataset(options.data);
  context.parent("data", data.filetype, data.hash, data.header);
  const auto& process = model.value.model.process;
  const network::Resolved net = network::resolve(model.value.network, process);
  if (!data.value.targets.empty() && !context.asked("task")) options.train.task = network::Task::regress;
  if (options.robust) {
    app::settle_robust(options.train, net, process, std::size_t(data.value.train.size()), context);
    options.train.check();
  }
  check_device(options);
  app::check_training_data(net, data.value, options.train.task, options.data, options.model);
  warn_of_samples(options, model.value.model, context);
  app::check_training_options(net, context);
  const std::optional<app::DeviceSource> source = device_source(options, model.value, context);
  const std::unique_ptr<device::Device> device = source ? source->open(std::size_t(options.index)) : nullptr;
  const std::size_t models = model.value.model.devices();
  if (std::size_t(options.index) >= models && (models > 1 || !device)) {
    throw UsageError("--index: " + options.model + " holds " + std::to_string(models) +
                     " devices, numbered from 0; found " + std::to_string(options.index));
  }
  std::optional<io::Read<train::Params>> initial, before;
  if (!options.init.empty()) {
    initial = io::read_params(options.init);
    context.parent("init", initial->filetype, initial->hash, initial->header);
    if (initial->value.network == net.spec)
      app::refuse_asked({"init-std", "init-flank"}, "--init gives the controls", context);
  }
  const Provenance header = context.provenance();
  if (!options.resume.empty()) {
    before = io::read_params(options.resume);
    app::check_same_work(before->header, header, options.resume);
  }
  train::TrainInput input{net,
                          model.value.model,
                          models > 1 ? std::size_t(options.index) : 0,
                          data.value,
                          options.train,
                          context.seed(),
                          initial ? &initial->value : nullptr,
                          before ? &before->value : nullptr,
                          device.get()};
  options.room.apply(input.conditions);
  input.bounds = model::control_bounds(model.value.model, input.model_index, options.bounds,
                                       options.driver.guard.limits);
  input.fixed = options.bounds.fixed;
  app::tell_bounds(
      model::control_bounds(model.value.model, input.model_index, {{}, options.bounds.extrapolate}),
      net.plans(), model.value.model.process, options.driver.guard.limits, options.bounds.fixed, context);
  if (initial && initial->value.network == net.spec)
    app::start_within_bounds(initial->value, net, input, context);
  if (options.bounds.extrapolate)
    app::tell_extrapolation(model::narrows_controls(model.value.model, input.model_index), context);
  app::tell_unmeasured(model.value.model, context);
  std::vector<std::string> perturbed;
  for (const std::string& text : options.train.system.perturb)
    perturbed.push_back(text.substr(0, text.find('=')));
  app::tell_assumed(model.value.model, perturbed, context);
  if (options.dry_run) {
    const auto save = [&](const train::Params& state) {
      return io::rehearse_saving(options.output, train::bytes_of(state),
                                 [&](const std::string& path) { io::write_params(path, state, header); });
    };
    return app::report_forecast(context, [&] { return train::forecast(input, context.progress(), save); });
  }
  const train::Params params = train::train(input, context.progress(), [&](const train::Params& state) {
    if (options.output != "-") io::write_params(options.output, state, header);
  });
  io::write_params(options.output, params, header);
  if (source) source->account(context);
  app::report_training(params, context);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<TrainOptions>(argc, argv, about, run);
}
