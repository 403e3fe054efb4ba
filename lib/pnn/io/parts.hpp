// Parts that several filetypes share: network, process, and groups of chips.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pnn/io/reader.hpp"
#include "pnn/io/writer.hpp"
#include "pnn/network/spec.hpp"
#include "pnn/network/task.hpp"
#include "pnn/platform/process.hpp"

namespace pnn::io {

void write_network(Writer& out, const network::NetworkSpec& network);
network::NetworkSpec read_network(Reader& in);
/// What the targets of a regression are: /targets, /target_mean and /target_scale, or nothing.
void write_targets(Writer& out, const std::vector<network::Target>& targets);
std::vector<network::Target> read_targets(Reader& in);
/// The numbers of the platforms that the network uses; where it uses none, of those of `imported` curves;
/// where there are none of either, of the first platform of the registry.
void write_process(Writer& out, const platform::Process& process, const network::NetworkSpec& network,
                   const std::vector<std::string>& imported = {});
/// Where the network uses no platform, the numbers are of those of which the file has one. Complains about
/// numbers that are missing or do not fit together.
platform::Process read_process(Reader& in, const network::NetworkSpec& network);
/// The plans of a network's physical layers on a process's chips; none for an empty network. Throws
/// UsageError where the network does not resolve.
std::vector<platform::AnyPlan> plans_of(const network::NetworkSpec& network,
                                        const platform::Process& process);
/// The same, with a complaint instead.
std::vector<platform::AnyPlan> read_plans(Reader& in, const network::NetworkSpec& network,
                                          const platform::Process& process);
/// A writer's promise that the plans in memory are those that a reader will derive from the network.
void check_plans(const std::vector<platform::AnyPlan>& plans, const network::NetworkSpec& network,
                 const platform::Process& process);

/// One group a chip, named by its first layer (by its key where it has none); its other layers are hard
/// links to the same group. body(group path, chip) writes it.
template <class Chip, class Body>
void write_chips(Writer& out, const std::string& root, const std::vector<Chip>& chips, const Body& body) {
  out.group(root);
  for (const Chip& chip : chips) {
    const std::string group = root + "/" + (chip.layers.empty() ? chip.key : chip.layers.front());
    out.text(group + "/key", chip.key);
    out.texts(group + "/layers", chip.layers);
    body(group, chip);
    for (std::size_t k = 1; k < chip.layers.size(); ++k) out.link(group, root + "/" + chip.layers[k]);
  }
}

/// body(group path, chip) fills one chip a distinct group, in the order of their making. Complains where
/// the names of the groups are not those of the chip's layers.
template <class Chip, class Body>
std::vector<Chip> read_chips(Reader& in, const std::string& root, const Body& body) {
  std::vector<Chip> chips;
  std::set<std::uint64_t> seen;
  const std::vector<h5::Member> members = in.members(root);
  std::map<std::string, std::uint64_t> addresses;
  for (const h5::Member& member : members) addresses[member.name] = member.address;
  for (const h5::Member& member : members) {
    if (!member.is_group || !seen.insert(member.address).second) continue;
    const std::string group = root + "/" + member.name;
    Chip chip;
    chip.key = in.text(group + "/key");
    chip.layers = in.texts(group + "/layers");
    for (const std::string& layer : chip.layers) {
      const auto found = addresses.find(layer);
      if (found == addresses.end() || found->second != member.address)
        in.complain(group + "/layers names " + layer + ", but " + root + "/" + layer + " is not this chip");
    }
    body(group, chip);
    chips.push_back(std::move(chip));
  }
  return chips;
}

}  // namespace pnn::io
