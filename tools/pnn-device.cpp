// How is a virtual chip reached as a bench is?
#include <unistd.h>

#include "pnn/cli/tool.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/device/server.hpp"
#include "pnn/io/records.hpp"
#include "pnn/platform/layer_plan.hpp"

namespace {

using namespace pnn;

const cli::ToolInfo about{
    .name = "pnn-device",
    .summary = "serve virtual chips over the driver protocol, as a driver serves a bench",
    .reads = "device; questions on standard input",
    .writes = "answers on standard output",
    .details = R"(
Other tools start it, and end it: wherever they take a device, exec:COMMAND starts COMMAND and talks to it.
Results are the bytes of a run on the file itself. A driver of a real bench speaks the same protocol
(lib/pnn/device/protocol.hpp, scripts/driver-template).
)",
    .example = "pnn-characterize --device 'exec:pnn-device chips.h5' --index 3 -o curves.h5",
    .see_also =
        "pnn-fabricate, which makes the chips; lib/pnn/device/protocol.hpp for the messages, "
        "scripts/driver-template for a driver of your own"};

struct DeviceOptions {
  std::string device, index;

  void describe(Options& o) {
    o.positional_input("DEVICE", device, "chips to serve (pnn-fabricate)");
    o.text("index", index, "K",
           "the one device to serve, from 0; all of the file if empty, and who asks chooses");
  }
};

device::Offer offer_of(const io::Read<io::DeviceFile>& file, const DeviceOptions& options) {
  const device::DeviceSet& set = file.value.set;
  device::Offer offer;
  offer.name = std::string("pnn-device ") + version();
  for (std::size_t k = 0; k < set.count; ++k) offer.devices.push_back(k);
  if (!options.index.empty()) {
    const std::int64_t index = parse_integer(options.index, "--index");
    if (index < 0 || std::size_t(index) >= set.count)
      throw UsageError("--index: " + options.device + " holds " + std::to_string(set.count) +
                       " devices, numbered from 0; found " + options.index);
    offer.devices = {std::size_t(index)};
  }
  std::vector<device::LayerPort> ports;
  for (const platform::AnyPlan& plan : set.plans) {
    const platform::Source source = plan->source(set.process, {});
    ports.push_back({plan, source.lower, source.upper, source.lower});
  }
  offer.layers = device::layer_offers(ports);
  offer.sensors = {"temperature"};
  offer.conditions = device::condition_keys();
  offer.clock = true;
  offer.inputs = file.value.network.inputs;
  offer.network = file.value.network.layers;
  for (const platform::ProcessField& field : platform::process_fields())
    offer.process[field.name] = platform::value_text(field, field.of(set.process));
  offer.filetype = file.filetype;
  offer.hash = file.hash;
  offer.origin = file.header;
  return offer;
}

void run(DeviceOptions& options, cli::Context& context) {
  if (options.device == "-")
    throw UsageError("DEVICE: standard input is where questions come from; name a file");
  const auto file = io::read_device(options.device);
  device::serve(
      offer_of(file, options),
      [&](std::size_t number) { return device::make_virtual_device(file.value.set, number); }, STDIN_FILENO,
      STDOUT_FILENO, [&] { return context.progress().stop_requested(); });
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_tool<DeviceOptions>(argc, argv, about, run);
}
