// Which values of a graph can sums take a second time, and what has to be saved for them?
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pnn/network/digital_network.hpp"

namespace pnn::network {

/// What a value of a graph is of a chain of layers: the output of the first `layers` of them, or on a
/// shortcut every `rows`-th line and `cols`-th column of it, with `zeros` channels of 0 behind its own.
struct GraphValue {
  std::size_t layers = 0;
  Index rows = 1, cols = 1, zeros = 0;
  [[nodiscard]] bool is_shortcut() const { return rows > 1 || cols > 1 || zeros > 0; }
};

/// The values of a graph that lie on its chain of layers or on a shortcut beside it.
class Shortcuts {
 public:
  void define(const std::string& name, const GraphValue& value) { values_[name] = value; }
  /// Null for a value that is neither, or no longer.
  [[nodiscard]] const GraphValue* find(const std::string& name) const;
  /// The last of so many layers gives something else from now on, so that what it gave is gone.
  void forget(std::size_t layers);
  /// The layer, number `at`, that adds a value to what reaches it.
  [[nodiscard]] std::string sum_with(const GraphValue& added, std::size_t at);
  /// Puts what sums need to be saved between the layers. Throws InputError, naming `where` and the sum, where
  /// the channels of a sum are not those of both its parts.
  void put_saves(DigitalNetwork& network, const std::string& where) const;

 private:
  struct Sum {
    std::size_t at;
    GraphValue added;
  };
  std::map<std::string, GraphValue> values_;
  std::vector<Sum> sums_;
};

}  // namespace pnn::network
