// Writes the numbers of a trained network for other software.
#pragma once

#include <string>

#include "pnn/train/params.hpp"

namespace pnn::app {

/// Whether a file of this name can only hold the weights of a network (.onnx, .safetensors).
bool holds_weights(const std::string& path);

/// Writes the weights of all layers in the form of the ending of `output`: .npz or .safetensors
/// (study::state_dictionary_of), or .onnx (study::graph_of). Throws UsageError for other endings, and
/// InputError, naming `path`, for an unfinished training and as graph_of does.
void export_network(const train::Params& params, const std::string& path, const std::string& output);

}  // namespace pnn::app
