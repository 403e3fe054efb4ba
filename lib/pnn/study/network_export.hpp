// A trained network as other software takes it: named arrays, or a graph of operations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pnn/network/digital_network.hpp"
#include "pnn/network/graph.hpp"
#include "pnn/train/params.hpp"

namespace pnn::study {

/// The real matrix [outputs, inputs] by which a layer with these stored weights multiplies its signals, the
/// first `kept` outputs alone; nothing if its outputs are no such product (detectors of intensities, light
/// that passes on). Found by sending unit signals, and a few random ones.
std::optional<Matrix<float>> effective_matrix(const platform::LayerPlan& plan, ConstMatrixView<float> stored,
                                              Index kept);

/// The numbers of all layers under the names that PyTorch gives: LAYER.weight ([out, in]; of convolutions
/// [out, channel, row, column]) and LAYER.bias, of batch normalisation also LAYER.running_mean and
/// LAYER.running_var; LAYER.gain. A physical layer has its effective matrix as LAYER.weight, at its operating
/// point on its model, or where it has none its stored weights as LAYER.transfer.
std::vector<network::NamedValues> state_dictionary_of(const train::Params& params);

/// A graph that gives what the network gives, physical layers as the product with their effective matrix.
/// Throws InputError, naming `where` and the layer, for layers that no operator of ONNX is.
network::Graph graph_of(const train::Params& params, const std::string& where);

}  // namespace pnn::study
