// Reads and writes networks in the form of ONNX (Open Neural Network Exchange), by the messages of its
// library.
#pragma once

#include <string>

#include "pnn/network/graph.hpp"

namespace pnn::io {

/// The graph of a file, with its weights as numbers. Operators of other domains than that of ONNX are named
/// DOMAIN::OP. Throws InputError "name: …" for bytes that are no such file, damaged ones, weights that lie in
/// other files, are sparse or have types that are no numbers, and for graphs with several inputs or outputs.
network::Graph onnx_graph(const std::string& bytes, const std::string& name);

/// A file with this graph (operators of version 13), its constants as floats of 32 bits. The same graph gives
/// the same bytes.
std::string onnx_bytes(const network::Graph& graph);

}  // namespace pnn::io
