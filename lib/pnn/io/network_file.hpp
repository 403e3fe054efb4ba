// Reads a network that other software wrote, whichever form its file has.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pnn/network/digital_network.hpp"
#include "pnn/network/graph.hpp"

namespace pnn::io {

/// A network as ONNX, or the arrays of its state dictionary.
struct NetworkFile {
  std::string form;  ///< "onnx", "safetensors" or "npz"
  std::string hash;  ///< of its bytes
  std::optional<network::Graph> graph;
  std::vector<network::NamedValues> arrays = {};
};

/// Reads "-" (standard input) too. The form is known by the first bytes. Throws InputError for files that are
/// none of the three, with the command that makes one of a file of PyTorch (torch.save), and as the readers
/// do.
NetworkFile read_network_file(const std::string& path);

}  // namespace pnn::io
