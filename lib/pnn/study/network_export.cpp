#include "pnn/study/network_export.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "pnn/core/errors.hpp"
#include "pnn/core/random.hpp"
#include "pnn/network/batchnorm.hpp"
#include "pnn/network/spec.hpp"

namespace pnn::study {
namespace {

constexpr Index batch = 250, trials = 4;
constexpr double equal_to = 1e-4;

/// One layer with its numbers under the names of PyTorch, without the name of the layer.
struct Exported {
  const network::Layer& layer;
  std::vector<network::NamedValues> values = {};

  [[nodiscard]] const Array<float>* find(const char* name) const {
    for (const network::NamedValues& v : values)
      if (v.name == name) return &v.values;
    return nullptr;
  }
};

const Array<float>& tensor(const std::vector<train::Tensor>& tensors, const std::string& name) {
  const train::Tensor* found = train::find(tensors, name);
  if (found == nullptr) throw InputError("params: " + name + " is missing, which the network needs");
  return found->values;
}

std::vector<std::size_t> matrix_shape(const network::Layer& layer, Index rows, Index cols) {
  if (!network::is_convolution(layer.kind)) return {std::size_t(rows), std::size_t(cols)};
  const auto k = std::size_t(layer.kernel);
  return {std::size_t(rows), std::size_t(layer.in.channels / layer.groups()), k, k};
}

network::NamedValues physical_weight(const network::Layer& layer, const network::Layer* behind,
                                     const Array<float>& stored) {
  const Index kept = behind != nullptr && behind->kind == network::Kind::keep ? behind->out.channels
                                                                              : (*layer.plan)->outputs();
  const std::optional<Matrix<float>> matrix =
      effective_matrix(*layer.plan, {stored.data.data(), layer.matrix_rows, layer.matrix_cols}, kept);
  if (!matrix) return {"transfer", stored};
  network::NamedValues weight{"weight", Array<float>(matrix_shape(layer, matrix->rows(), matrix->cols()))};
  std::copy_n(matrix->data(), matrix->size(), weight.values.data.begin());
  return weight;
}

/// All layers, physical ones with their effective matrices.
std::vector<Exported> exported(const train::Params& params, const network::Resolved& network) {
  static const std::map<std::string, std::string> names = {
      {"scale", "weight"}, {"shift", "bias"}, {"mean", "running_mean"}, {"variance", "running_var"}};
  std::vector<Exported> all;
  for (std::size_t k = 0; k < network.layers.size(); ++k) {
    const network::Layer& layer = network.layers[k];
    Exported& made = all.emplace_back(Exported{layer});
    if (layer.physical >= 0)
      made.values.push_back(physical_weight(layer,
                                            k + 1 < network.layers.size() ? &network.layers[k + 1] : nullptr,
                                            tensor(params.weights, layer.name)));
    for (const train::Tensor& digital : params.digital) {
      if (!digital.name.starts_with(layer.name + "/")) continue;
      const std::string part = digital.name.substr(layer.name.size() + 1);
      const auto name = names.find(part);
      made.values.push_back({name == names.end() ? part : name->second, digital.values});
      if (part == "weight")
        made.values.back().values.shape = matrix_shape(layer, layer.matrix_rows, layer.matrix_cols);
    }
  }
  return all;
}

/// Writes the nodes of one layer after the other.
class Writer {
 public:
  explicit Writer(const network::Resolved& network, const std::string& where) : where_(where) {
    graph_.input = current_ = "input";
    const network::Kind first = network.layers.front().kind;
    pictures_ = network.input.height * network.input.width > 1 || network::is_convolution(first) ||
                first == network::Kind::maxpool || first == network::Kind::avgpool;
    graph_.output_shape = {0, std::size_t(network.output().size())};
    graph_.input_shape = {0, std::size_t(network.input.channels)};
    if (pictures_)
      graph_.input_shape.insert(graph_.input_shape.end(),
                                {std::size_t(network.input.height), std::size_t(network.input.width)});
    if (network.input.field) refuse("the inputs are amplitudes of light");
    made_.push_back({current_, network.input, pictures_});
  }

  void add(const Exported& from) {
    const network::Layer& layer = from.layer;
    using enum network::Kind;
    switch (layer.kind) {
      case physical:
      case dense:
        matrix(from, "Gemm");
        break;
      case physical_conv:
      case conv:
        matrix(from, "Conv");
        break;
      case batchnorm:
        node("BatchNormalization", layer.name,
             constants(from, {"weight", "bias", "running_mean", "running_var"}),
             {{"epsilon", {network::batchnorm_epsilon}}});
        break;
      case gain:
        node("Mul", layer.name, constants(from, {"gain"}));
        break;
      case maxpool:
        windows(layer, "MaxPool");
        break;
      case avgpool:
        if (layer.pool == 0) {
          node("GlobalAveragePool", layer.name);
        } else {
          windows(layer, "AveragePool");
        }
        break;
      case dropout:  // leaves nothing out once a network is trained
        break;
      case network::Kind::add:
        sum(layer);
        break;
      case relu:
        node("Relu", layer.name);
        break;
      case sigmoid:
        node("Sigmoid", layer.name);
        break;
      case tanh:
        node("Tanh", layer.name);
        break;
      case softplus:
        node("Softplus", layer.name);
        break;
      case abs2:
        node("Mul", layer.name, {current_});
        break;
      case keep:  // the matrix in front has the rows that are kept
        break;
      case electro_optic:
      case normalize:
      case save:
        refuse("layer " + layer.name + " is no operator of ONNX");
    }
    made_.push_back({current_, layer.out, pictures_});
  }

  network::Graph finish() {
    flatten("flatten_outputs");
    graph_.output = current_;
    return std::move(graph_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw InputError(where_ + ": " + why + "; write its numbers as .safetensors or .npz");
  }
  void node(const std::string& op, const std::string& name, std::vector<std::string> more = {},
            std::map<std::string, std::vector<double>> numbers = {}) {
    network::GraphNode made{name, op, {current_}, {name + "_out"}, std::move(numbers), {}, {}};
    made.inputs.insert(made.inputs.end(), more.begin(), more.end());
    graph_.nodes.push_back(std::move(made));
    current_ = name + "_out";
  }
  std::vector<std::string> constants(const Exported& from, std::initializer_list<const char*> parts) {
    std::vector<std::string> names;
    for (const char* part : parts) {
      const Array<float>* values = from.find(part);
      if (values == nullptr) continue;
      names.push_back(from.layer.name + "." + part);
      Array<double>& to = graph_.constants[names.back()];
      to.shape = values->shape;
      to.data.assign(values->data.begin(), values->data.end());
    }
    return names;
  }
  void flatten(const std::string& name) {
    if (pictures_) node("Flatten", name, {}, {{"axis", {1}}});
    pictures_ = false;
  }
  void windows(const network::Layer& layer, const std::string& op) {
    const double size = double(layer.pool);
    node(op, layer.name, {}, {{"kernel_shape", {size, size}}, {"strides", {size, size}}});
  }
  /// What is added goes through a pooling of single numbers, for every S-th line and column, and gets zeros
  /// behind its channels.
  void sum(const network::Layer& layer) {
    const Made& other = made_.at(std::size_t(layer.from + 1));
    const Index missing = layer.in.channels - other.shape.channels;
    if (other.pictures != pictures_ || (!pictures_ && missing != 0))
      refuse("layer " + layer.name + " adds what has another shape");
    const std::string here = std::exchange(current_, other.name);
    if (layer.stride > 1) {
      const double stride = double(layer.stride);
      node("MaxPool", layer.name + "_lines", {}, {{"kernel_shape", {1, 1}}, {"strides", {stride, stride}}});
    }
    if (missing > 0) {
      const std::string widths = layer.name + ".pads";
      graph_.constants[widths] = Array<double>({8});
      graph_.constants[widths].data[5] = double(missing);
      graph_.whole.insert(widths);
      node("Pad", layer.name + "_channels", {widths});
    }
    const std::string added = std::exchange(current_, here);
    node("Add", layer.name, {added});
  }
  void matrix(const Exported& from, const std::string& op) {
    const network::Layer& layer = from.layer;
    if (from.find("weight") == nullptr)
      refuse("layer " + layer.name +
             " gives no product with a matrix of numbers (its detectors, or light that passes on)");
    if (op == "Gemm") {
      flatten("flatten_" + layer.name);
      node(op, layer.name, constants(from, {"weight", "bias"}), {{"transB", {1}}});
    } else {
      const double k = double(layer.kernel), p = double(layer.pad), s = double(layer.stride);
      node(op, layer.name, constants(from, {"weight", "bias"}),
           {{"kernel_shape", {k, k}}, {"pads", {p, p, p, p}}, {"strides", {s, s}}});
      if (layer.groups() > 1) graph_.nodes.back().numbers["group"] = {double(layer.groups())};
    }
  }

  /// What a layer gives, which sums may add.
  struct Made {
    std::string name;
    network::Shape shape;
    bool pictures;
  };
  const std::string& where_;
  std::vector<Made> made_;  ///< of the inputs, and of each layer
  network::Graph graph_;
  std::string current_;
  bool pictures_ = false;  ///< values have the axes [sample, channel, height, width]
};

}  // namespace

std::optional<Matrix<float>> effective_matrix(const platform::LayerPlan& plan, ConstMatrixView<float> stored,
                                              Index kept) {
  if (plan.gives_field()) return std::nullopt;
  const Index inputs = plan.inputs(), outputs = plan.outputs();
  Matrix<float> matrix(kept, inputs);
  for (Index begin = 0; begin < inputs; begin += batch) {
    const Index count = std::min(batch, inputs - begin);
    Matrix<float> in = Matrix<float>::Zero(count, inputs), out(count, outputs);
    for (Index n = 0; n < count; ++n) in(n, begin + n) = 1;
    plan.transmit(stored, view(std::as_const(in)), view(out));
    matrix.middleCols(begin, count) = out.leftCols(kept).transpose();
  }
  Matrix<float> in(trials, inputs), out(trials, outputs);
  fill_symmetric(Stream{1, Purpose::initial_digital, 0}, std::span(in.data(), std::size_t(in.size())));
  if (!plan.takes_negative_inputs()) in = in.cwiseAbs();
  plan.transmit(stored, view(std::as_const(in)), view(out));
  for (Index n = 0; n < trials; ++n) {
    for (Index row = 0; row < kept; ++row) {
      double product = 0, size = 0;
      for (Index k = 0; k < inputs; ++k) {
        const double part = double(matrix(row, k)) * double(in(n, k));
        product += part, size += std::abs(part);
      }
      if (std::abs(product - double(out(n, row))) > equal_to * size) return std::nullopt;
    }
  }
  return matrix;
}

std::vector<network::NamedValues> state_dictionary_of(const train::Params& params) {
  const network::Resolved network = network::resolve(params.network, params.process);
  std::vector<network::NamedValues> all;
  for (Exported& layer : exported(params, network))
    for (network::NamedValues& values : layer.values)
      all.push_back({layer.layer.name + "." + values.name, std::move(values.values)});
  return all;
}

network::Graph graph_of(const train::Params& params, const std::string& where) {
  const network::Resolved network = network::resolve(params.network, params.process);
  Writer writer(network, where);
  for (const Exported& layer : exported(params, network)) writer.add(layer);
  return writer.finish();
}

}  // namespace pnn::study
