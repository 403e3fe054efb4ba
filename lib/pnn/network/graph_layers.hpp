// Which layers do the same as a graph of operations (graph.hpp)?
#pragma once

#include <string>

#include "pnn/network/digital_network.hpp"
#include "pnn/network/graph.hpp"

namespace pnn::network {

/// The layers that give what the graph gives, to rounding: Conv, Gemm and MatMul with Add,
/// BatchNormalization, Relu, Sigmoid, Tanh, Softplus, x², MaxPool, AveragePool, means over the picture,
/// Flatten and Reshape; Add of what an earlier node gave, or of every S-th line and column of it with zeros
/// behind its channels; Identity and Dropout do nothing; factors and offsets in front or directly behind a
/// matrix go into it; a last Softmax or LogSoftmax is left out, which changes no class, and told. `inputs` is
/// the shape of a sample where the graph leaves it open, otherwise empty or the same ("1x28x28"). Throws
/// InputError, naming `where`, the node, what of it cannot be taken and what to do.
DigitalNetwork from_graph(const Graph& graph, const std::string& inputs, const std::string& where);

}  // namespace pnn::network
