#include "pnn/io/parts.hpp"

#include <algorithm>

namespace pnn::io {
namespace {

/// Whether a network has layers on this platform; rings are what a network without any is written with.
bool uses(const network::NetworkSpec& network, const std::string& platform) {
  bool any = false, this_one = false;
  for (const std::string& layer : network.layers) {
    for (const char* word : {"mrr", "mzi", "freespace", "d2nn"}) {
      if (!layer.starts_with(word)) continue;
      any = true;
      this_one = this_one || platform == word;
    }
  }
  return this_one || (!any && platform == "mrr");
}

/// Numbers of a process that files of 1.0 and 1.1 lack.
bool is_since_1_2(const std::string& name) {
  return name == "mrr.slot" || name == "mzi.slot";
}

}  // namespace

std::vector<platform::LayerPlan> plans_of(const network::NetworkSpec& network,
                                          const platform::Process& process) {
  if (network.empty()) return {};
  return network::resolve(network, static_cast<int>(process.mrr.chip_rows),
                          static_cast<int>(process.mrr.chip_cols))
      .plans();
}

void write_network(Writer& out, const network::NetworkSpec& network) {
  out.text("/network/inputs", network.inputs);
  out.texts("/network/layers", network.layers);
}

network::NetworkSpec read_network(Reader& in) {
  network::NetworkSpec network;
  network.inputs = in.text("/network/inputs");
  network.layers = in.texts("/network/layers");
  return network;
}

void write_process(Writer& out, const platform::Process& process, const network::NetworkSpec& network) {
  for (const platform::ProcessField& field : platform::process_fields()) {
    if (uses(network, field.platform())) out.number("/process/" + field.name, field.of(process));
  }
  if (!uses(network, "mrr")) return;
  out.text("/process/mrr.polarity",
           process.mrr.polarity == platform::Polarity::drop_thru ? "drop-thru" : "thru-drop");
}

platform::Process read_process(Reader& in, const network::NetworkSpec& network) {
  platform::Process process;
  const bool sound = in.sound();
  for (const platform::ProcessField& field : platform::process_fields()) {
    const std::string path = "/process/" + field.name;
    if (!uses(network, field.platform())) continue;
    if (!in.has(path) && in.minor_version() < 2 && is_since_1_2(field.name)) continue;  // as by default
    if (!in.has(path)) in.complain(path + " is missing");
    field.at(process) = in.number(path);
  }
  if (uses(network, "mrr")) {
    const std::string polarity = in.text("/process/mrr.polarity");
    if (polarity != "drop-thru" && polarity != "thru-drop")
      in.complain("/process/mrr.polarity: expected drop-thru or thru-drop, found \"" + polarity + "\"");
    process.mrr.polarity =
        polarity == "thru-drop" ? platform::Polarity::thru_drop : platform::Polarity::drop_thru;
  }
  // numbers that could not be read have been complained about; they would be blamed twice
  if (sound && in.sound()) {
    for (const std::string& what : platform::check_process(process)) in.complain("/process: " + what);
  }
  return process;
}

std::vector<platform::LayerPlan> read_plans(Reader& in, const network::NetworkSpec& network,
                                            const platform::Process& process) {
  if (!in.sound()) return {};
  try {
    std::vector<platform::LayerPlan> plans = plans_of(network, process);
    for (const std::string& what : platform::check_layers(plans, process)) in.complain("/network: " + what);
    return plans;
  } catch (const UsageError& error) {
    in.complain(std::string("/network: ") + error.what());
    return {};
  }
}

void check_plans(const std::vector<platform::LayerPlan>& plans, const network::NetworkSpec& network,
                 const platform::Process& process) {
  const std::vector<platform::LayerPlan> derived = plans_of(network, process);
  require(plans == derived, "writing a file: the plans of the physical layers are those of the network");
}

}  // namespace pnn::io
