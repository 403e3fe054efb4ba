#include "pnn/io/parts.hpp"

#include <algorithm>
#include <set>

#include "pnn/core/errors.hpp"
#include "pnn/core/text.hpp"
#include "pnn/core/version.hpp"
#include "pnn/network/layer_text.hpp"
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

/// The platforms on which a network has layers; `others`, which may be empty, where it has none; and the
/// first one of the registry where there are none of either.
std::set<std::string> platforms_of(const network::NetworkSpec& network,
                                   const std::vector<std::string>& others) {
  std::set<std::string> words;
  for (const std::string& layer : network.layers)
    if (std::string word = platform_of(layer); !word.empty()) words.insert(std::move(word));
  if (words.empty()) words.insert(others.begin(), others.end());
  if (words.empty()) words.insert(platform::registry().front()->word());
  return words;
}

/// The platforms of which a file has a number of the process.
std::vector<std::string> platforms_with_numbers(Reader& in) {
  std::vector<std::string> words;
  for (const platform::ProcessField& field : platform::process_fields())
    if ((words.empty() || words.back() != field.platform) && in.has("/process/" + field.name))
      words.push_back(field.platform);
  return words;
}

/// Whether a number will belong to the next version of the format: files of this one have it only where it is
/// not what it is by default, so that everything else reads as before.
bool is_newer(const platform::ProcessField& field) {
  return field.since_minor > format_version.minor;
}

}  // namespace

std::vector<platform::AnyPlan> plans_of(const network::NetworkSpec& network,
                                        const platform::Process& process) {
  if (network.empty()) return {};
  return network::resolve(network, process).plans();
}

void write_targets(Writer& out, const std::vector<network::Target>& targets) {
  if (targets.empty()) return;
  std::vector<std::string> names;
  std::vector<double> means, scales;
  for (const network::Target& target : targets) {
    names.push_back(target.name);
    means.push_back(target.mean);
    scales.push_back(target.scale);
  }
  out.texts("/targets", names);
  out.vector("/target_mean", means);
  out.vector("/target_scale", scales);
}

std::vector<network::Target> read_targets(Reader& in) {
  const std::vector<std::string> names = in.texts("/targets");
  const auto means = in.vector<double>("/target_mean"), scales = in.vector<double>("/target_scale");
  if (means.size() != names.size() || scales.size() != names.size()) {
    in.complain("/targets: expected a mean and a scale for each of " + std::to_string(names.size()) +
                ", found " + std::to_string(means.size()) + " and " + std::to_string(scales.size()));
    return {};
  }
  std::vector<network::Target> targets;
  for (std::size_t k = 0; k < names.size(); ++k) targets.push_back({names[k], means[k], scales[k]});
  return targets;
}

void write_network(Writer& out, const network::NetworkSpec& network) {
  out.text("/network/inputs", network.inputs);
  out.texts("/network/layers", network.layers);
}

network::NetworkSpec read_network(Reader& in) {
  network::NetworkSpec network;
  network.inputs = in.text("/network/inputs");
  network.layers = in.texts("/network/layers");
  // one fault, and not one for each number that a platform would have or has
  for (const std::string& layer : network.layers)
    if (const std::string word = network::layer_word(layer); !network::is_layer_kind(word))
      throw InputError(in.source().name + ": unknown layer kind \"" + word +
                       "\": of a platform, or a version, that this program does not have; read the file with "
                       "the tools that made it (" +
                       in.header().creator + ")");
  return network;
}

void write_process(Writer& out, const platform::Process& process, const network::NetworkSpec& network,
                   const std::vector<std::string>& imported) {
  const std::set<std::string> used = platforms_of(network, imported);
  const auto each = [&](bool choices, const auto& write) {
    for (const platform::ProcessField& field : platform::process_fields())
      if (used.contains(field.platform) && field.choices.empty() != choices &&
          !(is_newer(field) && field.of(process) == field.initial))
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
  const std::set<std::string> used = platforms_of(network, platforms_with_numbers(in));
  for (const platform::ProcessField& field : platform::process_fields()) {
    const std::string path = "/process/" + field.name;
    if (!used.contains(field.platform)) continue;
    if (!in.has(path) && (is_newer(field) || in.minor_version() < field.since_minor))
      continue;  // as by default
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
