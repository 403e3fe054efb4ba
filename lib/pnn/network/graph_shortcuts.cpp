#include "pnn/network/graph_shortcuts.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "pnn/core/errors.hpp"

namespace pnn::network {
namespace {

/// The name under which the output of so many layers is saved.
std::string name_of(std::size_t layers) {
  return "v" + std::to_string(layers);
}

}  // namespace

const GraphValue* Shortcuts::find(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

void Shortcuts::forget(std::size_t layers) {
  std::erase_if(values_, [&](const auto& named) { return named.second.layers == layers; });
}

std::string Shortcuts::sum_with(const GraphValue& added, std::size_t at) {
  sums_.push_back({at, added});
  return "add:" + name_of(added.layers) +
         (added.is_shortcut() ? ",stride=" + std::to_string(added.rows) : std::string());
}

void Shortcuts::put_saves(DigitalNetwork& network, const std::string& where) const {
  std::set<std::size_t, std::greater<>> saved;
  for (const Sum& sum : sums_) saved.insert(sum.added.layers);
  std::vector<std::string> origins;
  for (const Sum& sum : sums_) origins.push_back(network.layers[sum.at].origin);
  for (const std::size_t layers : saved)
    network.layers.insert(network.layers.begin() + std::ptrdiff_t(layers), {"save:" + name_of(layers), ""});
  if (sums_.empty()) return;
  const Resolved resolved = [&] {
    try {
      return resolve(network.spec(), {});
    } catch (const UsageError& error) {
      throw InputError(where + ": " + error.what());
    }
  }();
  for (std::size_t k = 0; k < sums_.size(); ++k) {
    const Index here = resolved.layers[sums_[k].at].in.channels, there = resolved.added(sums_[k].at).channels;
    if (here != there + sums_[k].added.zeros)
      throw InputError(where + ": " + origins[k] + ": adds " + std::to_string(there + sums_[k].added.zeros) +
                       " channels to " + std::to_string(here) +
                       "; expected as many, or zeros behind them (F.pad)");
  }
}

}  // namespace pnn::network
