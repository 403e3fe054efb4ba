// One node of a graph at a time: its attributes, and the constants that it reads.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"
#include "pnn/network/graph.hpp"

namespace pnn::network {

/// "2,2"
std::string numbers_text(const std::vector<double>& numbers);

/// Reads the nodes of a graph in their order. Whatever cannot be read throws InputError, naming the file, the
/// node, what was found and what to do.
class NodeReader {
 public:
  NodeReader(const Graph& graph, const std::string& where)
      : graph_(graph), where_(where), constants_(graph.constants) {}

 protected:
  /// "node conv1 (Conv)"
  [[nodiscard]] std::string origin() const;
  [[noreturn]] void refuse(const std::string& why) const;

  [[nodiscard]] bool is_constant(const std::string& value) const { return constants_.contains(value); }
  /// Whether all that a node reads is known without the inputs of the network.
  [[nodiscard]] bool is_known_before(const GraphNode& node) const;
  /// Weights that are renamed or transposed, and the widths of a border; everything else is the shape of a
  /// Reshape.
  void compute_before(const GraphNode& node);
  /// Whether a value is known, or has no name; every other one is computed.
  [[nodiscard]] bool is_known(const std::string& value) const {
    return value.empty() || constants_.contains(value) || about_shapes_.contains(value);
  }
  [[nodiscard]] bool has(std::size_t input) const;
  [[nodiscard]] const Array<double>& constant(std::size_t input, const char* what) const;
  /// The constant numbers of an input; empty if it has none.
  [[nodiscard]] std::vector<double> bias(std::size_t input) const;

  [[nodiscard]] std::vector<double> numbers(const std::string& name, std::vector<double> otherwise) const;
  [[nodiscard]] double number(const std::string& name, double otherwise) const;
  void expect(const std::string& name, double otherwise, double expected,
              const std::string& what_to_do) const;
  /// A number that all axes share.
  [[nodiscard]] Index alike(const std::string& name, std::size_t count, double otherwise,
                            const std::string& what_to_do) const;
  /// An attribute of earlier operator sets, or the input that has become of it.
  [[nodiscard]] std::vector<double> numbers_or_input(const std::string& name, std::size_t input) const;

  /// What PyTorch does in a graph to the widths that F.pad was given; empty for everything else.
  [[nodiscard]] std::optional<Array<double>> rearranged(const GraphNode& node) const;

  const Graph& graph_;
  const std::string& where_;
  const GraphNode* node_ = nullptr;
  std::map<std::string, Array<double>> constants_;
  std::set<std::string> about_shapes_;  ///< values that are known, but no weights
};

Array<double> transposed(const Array<double>& values);

}  // namespace pnn::network
