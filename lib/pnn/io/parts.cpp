#include "pnn/io/parts.hpp"

#include <algorithm>

#include "pnn/core/text.hpp"
#include "pnn/platform/platform.hpp"

namespace pnn::io {
namespace {

/// The word of a layer's platform: that of its convolutions too; empty for a digital layer.
std::string platform_of(const std::string& layer) {
  const std::string word = layer.substr(0, layer.find(':'));
  for (const platform::Platform* platform : platform::registry())
    if (word == platform->word() || word == platform->word() + "-conv") return platform->word();
  return {};
}

/// Whether a network has layers on this platform; the first one is what a network without any is written
/// with.
bool uses(const network::NetworkSpec& network, const std::string& platform) {
  bool any = false;
  for (const std::string& layer : network.layers) {
    const std::string word = platform_of(layer);
    if (word == platform) return true;
    any = any || !word.empty();
  }
  return !any && platform == platform::registry().front()->word();
}

}  // namespace

std::vector<platform::AnyPlan> plans_of(const network::NetworkSpec& network,
                                        const platform::Process& process) {
  if (network.empty()) return {};
  return network::resolve(network, process).plans();
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
  const auto each = [&](bool choices, const auto& write) {
    for (const platform::ProcessField& field : platform::process_fields())
      if (uses(network, field.platform) && field.choices.empty() != choices)
        write("/process/" + field.name, field);
  };
  each(false, [&](const std::string& path, const auto& field) { out.number(path, field.of(process)); });
  each(true, [&](const std::string& path, const auto& field) {
    out.text(path, platform::value_text(field, field.of(process)));
  });
}

platform::Process read_process(Reader& in, const network::NetworkSpec& network) {
  platform::Process process;
  const bool sound = in.sound();
  for (const platform::ProcessField& field : platform::process_fields()) {
    const std::string path = "/process/" + field.name;
    if (!uses(network, field.platform)) continue;
    if (!in.has(path) && in.minor_version() < field.since_minor) continue;  // as by default
    if (field.choices.empty()) {
      if (!in.has(path)) in.complain(path + " is missing");
      process[field.number] = in.number(path);
      continue;
    }
    const std::string word = in.text(path);
    const auto found = std::find(field.choices.begin(), field.choices.end(), word);
    if (found == field.choices.end()) {
      in.complain(path + ": expected " + join(field.choices, " or ") + ", found \"" + word + "\"");
    } else {
      process[field.number] = double(found - field.choices.begin());
    }
  }
  // numbers that could not be read have been complained about; they would be blamed twice
  if (sound && in.sound()) {
    for (const std::string& what : platform::check_process(process)) in.complain("/process: " + what);
  }
  return process;
}

std::vector<platform::AnyPlan> read_plans(Reader& in, const network::NetworkSpec& network,
                                          const platform::Process& process) {
  if (!in.sound()) return {};
  try {
    std::vector<platform::AnyPlan> plans = plans_of(network, process);
    for (const std::string& what : platform::check_layers(plans, process)) in.complain("/network: " + what);
    return plans;
  } catch (const UsageError& error) {
    in.complain(std::string("/network: ") + error.what());
    return {};
  }
}

void check_plans(const std::vector<platform::AnyPlan>& plans, const network::NetworkSpec& network,
                 const platform::Process& process) {
  const std::vector<platform::AnyPlan> derived = plans_of(network, process);
  require(plans == derived, "writing a file: the plans of the physical layers are those of the network");
}

}  // namespace pnn::io
