// What pnn-import reads and tells: a network of other software, its layers, how good it is.
#pragma once

#include <string>

#include "pnn/cli/tool.hpp"
#include "pnn/io/records.hpp"
#include "pnn/network/digital_network.hpp"
#include "pnn/network/evaluate.hpp"
#include "pnn/study/matrix_placement.hpp"

namespace pnn::app {

/// A network of other software, and what its file does not say.
struct NetworkSource {
  std::string file, normalize;
  network::NetworkSpec network;
  void describe(Options& o);
};

/// Reads the network, registers its file as a parent, and puts the normalisation of the inputs in front;
/// tells on standard error what the network left open. Throws UsageError where --layer and a graph, or a
/// state dictionary and no layers, stand together.
network::DigitalNetwork read_digital_network(const NetworkSource& source, cli::Context& context);

/// The score of a network with the weights of its model on the test samples. Throws InputError, naming
/// `where`, if there are none.
network::Evaluation score_of(const train::Params& params, const network::Dataset& data,
                             const std::string& where);

/// A row a layer, with what it was there; for a placed network also how each matrix was placed.
void report_layers(const network::DigitalNetwork& digital, cli::Report& report);
void report_placement(const study::PlacedNetwork& placed, cli::Context& context);

}  // namespace pnn::app
