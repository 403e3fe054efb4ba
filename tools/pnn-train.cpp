// Which controls compute the task, and keep computing it?
#include <exception>
#include <functional>
#include <optional>

#include "pnn/app/device_source.hpp"
#include "pnn/app/dry_run.hpp"
#include "pnn/app/resume.hpp"
#include "pnn/app/robust.hpp"
#include "pnn/app/training_inputs.hpp"
#include "pnn/app/training_report.hpp"
#include "pnn/cli/context.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/errors.hpp"
#include "pnn/core/ranks.hpp"
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
the updates of bp. The state is saved in OUTPUT.partial every --checkpoint-every epochs and when the run is
interrupted, which goes on with --resume OUTPUT and ends in the same bytes; OUTPUT itself appears at the end.

Many machines: mpirun or srun starts pnn-train-mpi, where it was built, as ranks that share the parts of each batch
(--draws K, for any method on a model; a multiple of the ranks) and give the same bytes.
)",
    .example =
        "pnn-train model.h5 --data fashion.h5 --method sat --perturb temperature=1 "
        "--budget-epochs 10 -o sat.h5",
    .see_also =
        "pnn-eval and pnn-transfer for how good it is, tools/README.md for which method to take, "
        "lib/pnn/train/estimator.hpp for their formulas, scripts/plot history for a picture"};

struct TrainOptions {
  app::TrainingFiles files;
  std::string device, output;
  app::UnfinishedSettings unfinished;
  bool dry_run = false, stream = false;
  study::RoomSettings room;
  bool robust = false;
  train::TrainSettings train;
  platform::BoundSettings bounds;
  device::DriverSettings driver;

  void describe(Options& o) {
    files.describe(o);
    unfinished.describe(o);
    app::describe_dry_run(o, dry_run);
    o.flag("stream", stream,
           "leave the training samples in their file and read each batch from there, for a data set that is "
           "larger than memory; the result has the same bytes")
        .role = Option::Role::transport;
    app::describe_robust(o, robust);
    const std::size_t settings = o.all().size();
    train.describe(o);
    for (std::size_t k = settings; k < o.all().size();
         ++k) {  // with --robust the method is not known yet: run() checks
      Option& option = o.all()[k];
      option.idle = [this, why = option.idle] { return robust || !why ? std::string() : why(); };
    }
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

/// Refuses copies of one training that know nothing of each other and would all write its output.
void check_copies(const TrainOptions& options) {
  const int started = copies_started(), together = ranks().size();
  if (together == 1 && started > 1)
    throw UsageError(
        std::to_string(started) +
        " copies of this training were started together, and none knows of the others: to share it, start "
        "pnn-train-mpi (cmake -DPNN_MPI=ON; under Slurm with srun --mpi=pmix); to run one, start it alone");
  if (together > 1 && options.dry_run)
    throw UsageError("--dry-run: forecasts a training by one program; start it without mpirun");
}

/// Ranks that read other inputs, or were given other options, would train something that nobody asked for.
void check_same_input(const Provenance& header, const std::string& resumed) {
  std::string all =
      header.creator + "\n" + header.command + "\n" + std::to_string(header.seed) + "\n" + resumed;
  for (const Parent& parent : header.parents) all += "\n" + parent.role + " " + parent.hash;
  agree(ranks(), nullptr);  // one may have ended before, and then all do
  const std::vector<std::size_t> sums = gathered(ranks(), std::hash<std::string>()(all));
  for (std::size_t rank = 1; rank < sums.size(); ++rank) {
    if (sums[rank] == sums[0]) continue;
    ranks().failed_together = true;
    throw InputError("rank " + std::to_string(rank) +
                     ": reads other files, or has other options, than rank 0; give all of them the same");
  }
}

void run(TrainOptions& options, cli::Context& context) {
  check_copies(options);
  const auto check = [&] {
    options.train.check();
    check_device(options);
  };
  if (!options.robust) check();
  app::TrainingInputs inputs =
      app::read_training(options.files, {.stored = options.stream}, options.train, context);
  if (options.robust) {
    app::settle_robust(options.train, inputs.network, inputs.model.value.model.process,
                       std::size_t(inputs.data.value.train.size()), context);
    check();
  }
  const std::optional<app::DeviceSource> source = device_source(options, inputs.model.value, context);
  const std::unique_ptr<device::Device> device =
      source ? source->open(std::size_t(options.files.index)) : nullptr;
  app::read_initial(inputs, options.files, device != nullptr, context);
  const Provenance header = context.provenance();
  app::UnfinishedFile unfinished(options.unfinished, options.output, context);
  std::optional<io::Read<train::Params>> before;
  if (!unfinished.before().empty()) {
    before = io::read_params(unfinished.before());
    app::check_same_work(before->header, header, unfinished.before());
  }
  train::TrainInput input = app::train_input(inputs, options.files, options.train, options.bounds,
                                             options.driver.guard.limits, context);
  if (before) input.resume = &before->value;
  input.device = device.get();
  options.room.apply(input.conditions);
  if (options.dry_run) {
    const auto rehearse = [&](const train::Params& state) {
      return io::rehearse_saving(options.output, train::bytes_of(state),
                                 [&](const std::string& path) { io::write_params(path, state, header); });
    };
    return app::report_forecast(context,
                                [&] { return train::forecast(input, context.progress(), rehearse); });
  }
  const auto seconds = [&] {
    return context.elapsed_seconds() + (before ? before->value.optimizer.seconds : 0);
  };
  const auto processor_seconds = [&] {
    return cli::processor_seconds() + (before ? before->value.optimizer.processor_seconds : 0);
  };
  const auto save = [&](train::Params state) {
    state.optimizer.seconds = seconds();
    state.optimizer.processor_seconds = processor_seconds();
    unfinished.save([&](const std::string& path) { io::write_params(path, state, header); });
  };
  check_same_input(header, before ? before->hash : "");
  train::Params params;
  try {
    params = train::train(input, context.progress(), save);
  } catch (const Error&) {
    unfinished.rethrow(std::current_exception());
  }
  if (ranks().rank() > 0) return;  // rank 0 writes and reports
  io::write_params(options.output, params, header);
  unfinished.remove(context);
  if (source) source->account(context);
  app::report_training(params, context);
  // in no file, so that the same training gives the same bytes
  context.report().value("seconds", seconds());
  context.report().value("processor_seconds", processor_seconds());
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<TrainOptions>(argc, argv, about, run);
}
