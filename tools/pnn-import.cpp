// Which parameters has a network that was trained elsewhere, and what becomes of it on hardware?
#include "pnn/app/network_import.hpp"
#include "pnn/app/process_settings.hpp"
#include "pnn/app/training_data.hpp"
#include "pnn/core/stop.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-import",
    .summary = "take a network that PyTorch has trained, and put its matrices on hardware",
    .reads = "ONNX, safetensors or .npz (dataset)",
    .writes = "params",
    .details = R"(
ONNX has the layers in it (torch.onnx.export): convolutions and Linear, batch normalisation, ReLU, sigmoid, tanh,
softplus, squares, maximum, average and global pooling, flatten, and sums with what an earlier layer gave. What cannot be
taken is named with its node and what to do. A state dictionary has numbers alone, so that --inputs and --layer give the
network; each layer takes the first module of its kind whose sizes fit, and the table says which. scripts/state-dictionary makes .npz of a file of torch.save.

--normalize says what was done to the samples in training: data sets of pnn-data have pictures from 0 to 1, as ToTensor
gives them. It goes into the weights of the first layer, or where that is a padded convolution into a batchnorm in front.

--data tells the score on its test samples, which is PyTorch's. --onto WORD replaces every matrix that the platform can take
by a layer on it, on chips of design values: weights are scaled into its range, and the gain or batchnorm behind takes
the scale back and has the bias. Clipped are weights that are off by more than a hundredth of the largest. The output is what
pnn-train writes: it can be evaluated, moved to devices, exported, and trained further (--init).
)",
    .example = "pnn-import net.onnx --normalize none --data fashion.h5 --onto mrr -o net.h5",
    .see_also =
        "pnn-fit NET.h5 --model nominal and pnn-fabricate --network NET.h5, which make the model and the "
        "chips for it, "
        "pnn-train --init for going on, pnn-export for the way back"};

struct ImportOptions {
  app::NetworkSource source;
  std::string data, onto, output;
  network::Task task = network::Task::classify;
  app::ProcessSettings process;

  void describe(Options& o) {
    source.describe(o);
    o.group("Hardware");
    o.input("data", data, "data set (pnn-data) whose test samples tell how good it is");
    o.choice("task", task, "what it was trained for",
             {network::Task::classify, network::Task::regress, network::Task::reconstruct});
    o.text("onto", onto, "WORD[:key=value,…]",
           "platform that takes its matrices, with keys of its layers as --layer has them");
    const std::size_t first = o.all().size();
    process.describe(o);
    o.idle_since(first, [this] { return onto.empty() ? "it is about hardware (--onto)" : ""; });
    o.output(output);
  }
};

void run(ImportOptions& options, cli::Context& context) {
  const std::string& file = options.source.file;
  if (options.data.empty() && !options.onto.empty())
    throw UsageError(
        "--onto: expected --data too: its training samples give the statistics behind the hardware");
  const network::DigitalNetwork digital = app::read_digital_network(options.source, context);
  io::Read<network::Dataset> data;
  if (!options.data.empty()) {
    data = io::read_dataset(options.data);
    context.parent("data", data.filetype, data.hash, data.header);
    if (!data.value.targets.empty() && !context.asked("task")) options.task = network::Task::regress;
  }
  train::Params params = study::params_of(digital, options.task, file);
  app::report_layers(digital, context.report());
  const network::Metric& metric = network::traits_of(options.task).metric;
  const auto tell = [&](const std::string& what, const std::string& key) {
    const network::Evaluation found = app::score_of(params, data.value, options.data);
    context.report().headline(what + ": " + metric.word + " " + metric.text(found.score));
    context.report().value(key, found.score);
    stop_if_asked();  // nothing is worth saving before the end
  };
  if (!options.data.empty()) {
    app::check_training_data(network::resolve(params.network, {}), data.value, options.task, options.data,
                             file);
    params.targets = data.value.targets;
    tell("digital", metric.name);
  }
  if (!options.onto.empty()) {
    const platform::Process process = options.process.applied_to({});
    study::PlacedNetwork placed =
        study::place_matrices(digital, options.onto, process, data.value.train, options.task, file);
    options.process.check_effect(placed.network.plans(), process);
    app::check_training_data(placed.network, data.value, options.task, options.data, file);
    app::report_placement(placed, context);
    params = std::move(placed.params);
    params.targets = data.value.targets;
    tell("on " + options.onto, std::string(metric.name) + "_placed");
  }
  io::write_params(options.output, params, context.provenance());
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<ImportOptions>(argc, argv, about, run);
}
