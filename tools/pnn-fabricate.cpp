// Which chips does this process make?
#include <tuple>
#include <utility>

#include "pnn/app/process_settings.hpp"
#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/device/virtual_device.hpp"
#include "pnn/io/records.hpp"
#include "pnn/platform/platform.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-fabricate",
    .summary = "draw virtual photonic chips from a fabrication process",
    .reads = "nothing, or a model or params",
    .writes = "device",
    .details = R"(
The file holds the network, the nominal process and, hidden from everything but the virtual device itself,
the true values of every element of every chip: what fabrication made of the design.
)",
    .example =
        "pnn-fabricate --inputs 784 --layer mrr:out=16 --layer relu --layer mrr:out=10 --count 20 -o "
        "chips.h5",
    .see_also =
        "pnn-characterize, which measures the chips, pnn-device, which serves them as a bench, "
        "pnn-info --formats for the values of a process"};

struct FabricateOptions {
  network::NetworkSpec network;
  std::string like;
  app::ProcessSettings process;
  int count = 1;
  std::string output;

  void describe(Options& o) {
    network.describe(o);
    o.input("network", like, "take network and process of this file in their place: a model or parameters")
        .later = true;
    for (const char* name : {"inputs", "layer"})
      o.find(name)->idle = [this] { return like.empty() ? "" : "--network gives the network"; };
    process.describe(o);
    o.integer("count", count, "M", "devices to draw; device k does not depend on how many there are",
              Limits::between(1, 1000000));
    o.output(output).required = true;
  }
};

/// Network and process of a file.
std::pair<network::NetworkSpec, platform::Process> network_of(const std::string& path,
                                                              cli::Context& context) {
  if (io::filetype_of(path) == "model") {
    auto read = io::read_model(path);
    context.parent("network", read.filetype, read.hash, read.header);
    return {std::move(read.value.network), std::move(read.value.model.process)};
  }
  auto read = io::read_params(path);
  context.parent("network", read.filetype, read.hash, read.header);
  return {std::move(read.value.network), std::move(read.value.process)};
}

void run(FabricateOptions& options, cli::Context& context) {
  context.check_output(options.output);
  platform::Process before;
  if (!options.like.empty()) std::tie(options.network, before) = network_of(options.like, context);
  const platform::Process process = options.process.applied_to(before);
  const network::Resolved network = network::resolve(options.network, process);
  if (network.plans().empty()) {
    std::vector<std::string> examples;
    for (const platform::Platform* platform : platform::registry())
      examples.push_back("--layer " + platform->examples(8).front());
    throw UsageError("--layer: no layer of the network is physical; give one, such as " +
                     join(examples, ", "));
  }
  options.process.check_effect(network.plans(), process);
  const io::DeviceFile file{
      network.spec, device::fabricate(network.plans(), process, std::size_t(options.count), context.seed())};
  io::write_device(options.output, file, context.provenance());

  cli::Report& report = context.report();
  report.headline(std::to_string(options.count) + (options.count == 1 ? " device" : " devices") +
                  ", each with " + std::to_string(file.set.chips.size()) +
                  (file.set.chips.size() == 1 ? " chip" : " chips"));
  report.columns({"layer", "matrix", "controls", "elements", "chip"});
  std::vector<std::string> layers, chips;
  std::vector<double> controls, elements;
  for (const platform::LayerPlan& plan : file.set.plans) {
    const std::size_t hidden = plan.truth_sizes().front();
    const auto [out, in] = plan.size();
    report.row({plan.name(), std::to_string(out) + "x" + std::to_string(in), std::to_string(plan.controls()),
                std::to_string(hidden) + " " + plan.platform().truth_fields().front().axis + "s",
                plan.chip_key()});
    layers.push_back(plan.name()), chips.push_back(plan.chip_key());
    controls.push_back(double(plan.controls())), elements.push_back(double(hidden));
  }
  report.value("devices", std::int64_t(options.count));
  report.value("layers", layers);
  report.value("chips", chips);
  report.value("controls", controls);
  report.value("elements", elements);
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<FabricateOptions>(argc, argv, about, run);
}
