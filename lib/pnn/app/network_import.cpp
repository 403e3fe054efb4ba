#include "pnn/app/network_import.hpp"

#include <nlohmann/json.hpp>

#include "pnn/core/errors.hpp"
#include "pnn/core/printable.hpp"
#include "pnn/core/text.hpp"
#include "pnn/io/network_file.hpp"
#include "pnn/network/graph_layers.hpp"
#include "pnn/network/state_dictionary.hpp"
#include "pnn/train/initialise.hpp"

namespace pnn::app {

using Json = nlohmann::ordered_json;

void NetworkSource::describe(Options& o) {
  o.positional_input(
      "NET", file,
      "network as ONNX, or a state dictionary as safetensors or .npz (scripts/state-dictionary)");
  o.text("normalize", normalize, "MEAN:DEVIATION[,…]",
         "what the samples were normalised by in training, (x - mean)/deviation, for all channels or with "
         "commas for "
         "each, as 0.1307:0.3081 behind ToTensor; none where they were not");
  network.describe(o);
}

network::DigitalNetwork read_digital_network(const NetworkSource& source, cli::Context& context) {
  const io::NetworkFile file = io::read_network_file(source.file);
  if (source.file != "-") context.parent("network", file.form, file.hash, {});
  const network::NetworkSpec& said = source.network;
  if (file.graph && !said.layers.empty())
    throw UsageError("--layer: " + source.file + " says its layers itself; leave it out");
  if (!file.graph && (said.layers.empty() || said.inputs.empty()))
    throw UsageError(source.file +
                     ": a state dictionary has numbers, and no activations, poolings or paddings; give "
                     "the network with --inputs and --layer, or export ONNX (torch.onnx.export)");
  network::DigitalNetwork digital = file.graph
                                        ? network::from_graph(*file.graph, said.inputs, source.file)
                                        : network::from_state_dictionary(said, file.arrays, source.file);
  if (source.normalize.empty()) {
    context.warn(
        "inputs are taken as the data set has them (pnn-data: 0 to 1, as ToTensor gives); if Normalize stood "
        "behind it, say --normalize MEAN:DEVIATION, else --normalize none");
  } else if (source.normalize != "none") {
    network::put_in_front(digital, network::parse_normalisation(source.normalize, "--normalize"),
                          source.file);
  }
  for (const std::string& note : digital.notes) context.progress().say(note);
  return digital;
}

network::Evaluation score_of(const train::Params& params, const network::Dataset& data,
                             const std::string& where) {
  if (data.test.size() == 0) throw InputError(where + ": no test samples");
  const network::Resolved network = network::resolve(params.network, params.process);
  std::vector<Matrix<float>> weights;
  for (const network::Layer& layer : network.layers) {
    if (layer.physical < 0) continue;
    weights.push_back(ConstMatrixView<float>(params.weights[std::size_t(layer.physical)].values.data.data(),
                                             layer.matrix_rows, layer.matrix_cols));
  }
  std::vector<float> digital, state;
  train::flat_digital(params, network, digital, state);
  return network::evaluate(network, {weights, digital, state}, data.test, params.task);
}

void report_layers(const network::DigitalNetwork& digital, cli::Report& report) {
  report.headline(digital.inputs + " inputs");
  report.columns({"layer", "from"});
  Json layers = Json::array();
  for (const network::DigitalLayer& layer : digital.layers) {
    report.row({layer.text, layer.origin == layer.text ? "" : printable(layer.origin)});
    layers.push_back({{"layer", layer.text}, {"from", layer.origin}});
  }
  report.value("inputs", digital.inputs);
  report.json("layers", layers.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void report_placement(const study::PlacedNetwork& placed, cli::Context& context) {
  cli::Report& report = context.report();
  report.next_table();
  report.columns({"layer", "as", "from", "weights", "scale", "clipped", "largest error (%)"});
  Json rows = Json::array();
  for (const study::PlacedMatrix& matrix : placed.matrices) {
    report.row({matrix.layer, matrix.text, printable(matrix.origin), std::to_string(matrix.weights),
                format_short(matrix.scale, 4), std::to_string(matrix.clipped),
                format_short(100 * matrix.largest_error, 2)});
    rows.push_back({{"layer", matrix.layer},
                    {"as", matrix.text},
                    {"from", matrix.origin},
                    {"weights", matrix.weights},
                    {"scale", matrix.scale},
                    {"clipped", matrix.clipped},
                    {"largest_error", matrix.largest_error}});
  }
  report.json("placed", rows.dump(-1, ' ', false, Json::error_handler_t::replace));
  for (const std::string& note : placed.notes) context.warn(note);
}

}  // namespace pnn::app
