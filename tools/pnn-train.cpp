// Trains control parameters on a model (in silico): backpropagation, noise-aware, slope penalty, SAM,
// process-aware, sharpness-aware; or on a device (in situ): physics-aware, sharpness-aware, by differences.
// Reads model, dataset (device in situ; params with --init or --resume); writes params.
#include <cmath>
#include <optional>

#include "pnn/app/device_source.hpp"
#include "pnn/app/dry_run.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/records.hpp"
#include "pnn/io/rehearsal.hpp"
#include "pnn/study/sweep.hpp"
#include "pnn/train/loop.hpp"

namespace {

using namespace pnn;

struct TrainOptions {
  std::string model, data, device, init, resume, output;
  int index = 0;
  bool dry_run = false;
  study::RoomSettings room;
  train::TrainSettings train;
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
    train.describe(o);
    o.group("Device (in situ)");
    o.input("device", device, app::device_help("device that computes while it is trained"));
    room.describe(o);
    app::describe_driver(o, driver);
    o.output(output);
  }
};

void check_fit(const network::Resolved& net, const network::Dataset& data, const TrainOptions& options) {
  const bool generate = options.train.task == "generate";
  if (generate && data.shape.field)
    throw InputError(options.data + ": inputs " + data.shape.to_string() +
                     " are fields, and a generator makes pictures; take a data set without --fft-crop");
  if (!generate && (data.shape.size() != net.input.size() || data.shape.field != net.input.field)) {
    throw InputError(options.data + ": inputs " + data.shape.to_string() + " but the network of " +
                     options.model + " takes " + net.input.to_string() + "; make a model with --inputs " +
                     data.shape.to_string());
  }
  if (!generate) {
    for (const network::Split* split : {&data.train, &data.validation, &data.test})
      network::check_signs(net, *split, options.data);
  }
  const bool classify = options.train.task == "classify";
  const Index expected = classify   ? Index(data.classes.size())
                         : generate ? data.shape.size()
                                    : net.input.size();
  if (net.output().size() != expected) {
    throw InputError(options.data + ": " +
                     (classify   ? std::to_string(expected) + " classes"
                      : generate ? "pictures of " + std::to_string(expected) + " numbers"
                                 : "a reconstruction has " + std::to_string(expected) + " outputs") +
                     " but the network of " + options.model + " has " + std::to_string(net.output().size()) +
                     " outputs; end it with out=" + std::to_string(expected));
  }
}

/// Where the device of a training in situ comes from; none in silico, where a device file is not even opened.
std::optional<app::DeviceSource> device_source(const TrainOptions& options, const io::ModelFile& model,
                                               cli::Context& context) {
  if (!options.train.on_device()) return std::nullopt;
  app::DeviceSource source(options.device, options.driver, "device", model.network, model.model.process,
                           context);
  if (!source.reads_states() && options.train.reads_states())
    throw UsageError("--method " + options.train.method + ": reads the outputs of every layer, and " +
                     options.device +
                     " gives those of the last alone; add --pat-output (dat: --dat-states "
                     "output), or take spsa");
  return source;
}

void run(TrainOptions& options, cli::Context& context) {
  options.train.check();
  if (options.train.on_device() && options.device.empty())
    throw UsageError("--method " + options.train.method + (options.train.in_situ ? " --in-situ" : "") +
                     ": trains on a device: name it with --device");
  if (!options.train.on_device() && !options.device.empty()) {
    throw UsageError("--device: --method " + options.train.method +
                     " trains on the model alone and opens no device; add --in-situ, or take pat or spsa");
  }
  context.check_output(options.output);
  const auto model = io::read_model(options.model);
  context.parent("model", model.filetype, model.hash, model.header);
  const auto data = io::read_dataset(options.data);
  context.parent("data", data.filetype, data.hash, data.header);
  const auto& process = model.value.model.process;
  const network::Resolved net = app::resolve(model.value.network, process);
  check_fit(net, data.value, options);
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

  const train::History& h = params.history;
  const bool classify = params.task == "classify";
  const auto number = [&](double v) {
    return classify ? format_short(100 * v, 4) + " %" : format_short(v, 4);
  };
  const platform::HeaterUse use = study::heater_use(params);
  cli::Report& report = context.report();
  report.columns({"method", "epochs", "gradients", classify ? "training" : "training loss", "validation",
                  "test", "heater power, mean (largest)", "heater energy a sample", "device calls"});
  report.row({params.label, format_short(h.epoch.back(), 5), format_short(h.gradients.back(), 7),
              classify ? number(h.train_accuracy.back()) : number(h.loss.back()),
              number(h.validation_accuracy.back()), number(h.test_accuracy.back()),
              format_short(use.mean_mw / 1000, 4) + " (" + format_short(use.largest_mw / 1000, 4) + ") W",
              format_short(use.energy_uj, 4) + " uJ", std::to_string(params.optimizer.device_calls)});
  report.value("method", params.method);
  report.value("label", params.label);
  report.value("epochs", h.epoch.back());
  report.value("gradients", h.gradients.back());
  report.value("device_calls", h.device_calls.back());
  report.value("loss", h.loss.back());
  report.value("validation", h.validation_accuracy.back());
  report.value("test", h.test_accuracy.back());
  report.value("heater_power_mean_mw", use.mean_mw);
  report.value("heater_power_largest_mw", use.largest_mw);
  report.value("heater_energy_uj", use.energy_uj);
  context.account("gradients", std::uint64_t(std::llround(h.gradients.back())));
  context.account("device calls", params.optimizer.device_calls);
}

}  // namespace

int main(int argc, char** argv) {
  const cli::ToolInfo info{"pnn-train",
                           "train control parameters on a model, or on a device",
                           "model, dataset (device)",
                           "params",
                           "Equal cost: give every method the same --budget (or --budget-epochs); sat with "
                           "one ascent step then makes half the updates of bp. The output is written "
                           "every --checkpoint-every epochs; an interrupted run continues with --resume and "
                           "ends in the same bytes.",
                           "pnn-train model.h5 --data fashion.h5 --method sat --perturb temperature=1 "
                           "--budget-epochs 10 -o sat.h5"};
  return cli::run_tool<TrainOptions>(argc, argv, info, run);
}
