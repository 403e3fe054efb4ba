// A network as a graph of operations (ONNX), without its file: nodes in an order in which they can be
// computed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pnn/core/matrix.hpp"

namespace pnn::network {

/// One operation. Operators are those of ONNX.
struct GraphNode {
  std::string name, op;
  std::vector<std::string> inputs, outputs;  ///< names of values; an input that is left out is empty
  std::map<std::string, std::vector<double>> numbers;  ///< attributes: one number, or several
  std::map<std::string, std::string> texts;
  std::map<std::string, Array<double>> arrays;
};

/// A graph with one input and one output.
struct Graph {
  std::string input, output;
  /// With the axis of the samples in front; 0 where the file leaves it open.
  std::vector<std::size_t> input_shape, output_shape;
  std::vector<GraphNode> nodes;
  std::map<std::string, Array<double>> constants;  ///< weights, by the name of the value
  std::set<std::string> whole;                     ///< those that files have as whole numbers, as sizes
};

}  // namespace pnn::network
